import { Mac, macLength } from '../../common/mac.js';

/** What a cached value says about itself, under a MAC that Redis cannot make. */
export interface Envelope {
  readonly tenantId: string;
  readonly key: string;
  readonly generations: readonly string[];
  /** JSON text. */
  readonly body: string;
}

const prefix = 'e1.';

/**
 * Seals envelopes as `e1.<HMAC-SHA-256>.<base64url>`: letters, digits, `_`, `-` and `.` only. The
 * store's serializer turns some strings into code or other types when it reads them back; of these
 * characters and with this prefix it can make nothing but the same string.
 */
export class EnvelopeSeal {
  readonly #mac: Mac;

  /** @param secret CACHE_ENVELOPE_KEY */
  constructor(secret: string) {
    this.#mac = new Mac(secret);
  }

  seal({ tenantId, key, generations, body }: Envelope): string {
    const payload = Buffer.from([tenantId, key, generations.join(','), body].join('\n')).toString('base64url');
    return `${prefix}${this.#mac.of(payload)}.${payload}`;
  }

  /** Undefined when it was not sealed with this key, or has been changed since. */
  open(sealed: string): Envelope | undefined {
    const macEnd = prefix.length + macLength;
    const payload = sealed.slice(macEnd + 1);
    if (!this.#mac.isOf(payload, sealed.slice(prefix.length, macEnd))) return undefined;
    const [tenantId = '', key = '', generations = '', ...body] = Buffer.from(payload, 'base64url')
      .toString()
      .split('\n');
    return { tenantId, key, generations: generations.split(','), body: body.join('\n') };
  }
}
