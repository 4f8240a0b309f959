import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/** What a cached value says about itself, under a MAC that Redis cannot make. */
export interface Envelope {
  readonly tenantId: string;
  readonly key: string;
  readonly generations: readonly string[];
  /** JSON text. */
  readonly body: string;
}

const prefix = 'e1.';
/** base64url of 32 bytes. */
const macLength = 43;

/**
 * Seals envelopes as `e1.<HMAC-SHA-256>.<base64url>`: letters, digits, `_`, `-` and `.` only. The
 * store's serializer turns some strings into code or other types when it reads them back; of these
 * characters and with this prefix it can make nothing but the same string.
 */
export class EnvelopeSeal {
  readonly #key: KeyObject;

  /** @param secret CACHE_ENVELOPE_KEY */
  constructor(secret: string) {
    this.#key = createSecretKey(createHash('sha256').update(secret).digest());
  }

  seal({ tenantId, key, generations, body }: Envelope): string {
    const payload = Buffer.from([tenantId, key, generations.join(','), body].join('\n')).toString('base64url');
    return `${prefix}${this.#mac(payload).toString('base64url')}.${payload}`;
  }

  /** Undefined when it was not sealed with this key, or has been changed since. */
  open(sealed: string): Envelope | undefined {
    const macEnd = prefix.length + macLength;
    const payload = sealed.slice(macEnd + 1);
    const given = Buffer.from(sealed.slice(prefix.length, macEnd), 'base64url');
    const expected = this.#mac(payload);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const [tenantId = '', key = '', generations = '', ...body] = Buffer.from(payload, 'base64url')
      .toString()
      .split('\n');
    return { tenantId, key, generations: generations.split(','), body: body.join('\n') };
  }

  #mac(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(payload).digest();
  }
}
