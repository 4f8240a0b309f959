import { z } from 'zod';
import { Mac, macLength } from '../../common/mac.js';

/** Characters. Events are numbers and ids: what is longer is none of ours. */
const maximumLength = 2048;
const claims = z.tuple([z.string(), z.string(), z.string().nullable(), z.string(), z.string(), z.int(), z.string()]);

/** What an event says about itself on its way, under a MAC that Redis cannot make. */
export interface SealedEvent {
  readonly channel: string;
  readonly tenantId: string;
  /** Null when it is for everybody in the tenant. */
  readonly userId: string | null;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** JSON text. */
  readonly body: string;
}

/** Seals events as their MAC and the JSON of [channel, tenant, user, id, name, version, body]. */
export class EventSeal {
  readonly #mac: Mac;

  /** @param secret REALTIME_SEAL_KEY */
  constructor(secret: string) {
    this.#mac = new Mac(secret);
  }

  seal({ channel, tenantId, userId, id, name, version, body }: SealedEvent): string {
    const text = JSON.stringify([channel, tenantId, userId, id, name, version, body]);
    return this.#mac.of(text) + text;
  }

  /** Undefined when it was not sealed with this key, or has been changed since. */
  open(sealed: string): SealedEvent | undefined {
    if (sealed.length > maximumLength) return undefined;
    const text = sealed.slice(macLength);
    if (!this.#mac.isOf(text, sealed.slice(0, macLength))) return undefined;
    const [channel, tenantId, userId, id, name, version, body] = claims.parse(JSON.parse(text));
    return { channel, tenantId, userId, id, name, version, body };
  }
}
