import { z } from 'zod';
import { Mac, macLength } from '../../common/mac.js';

/** What a remembered item says about itself, under a MAC that Redis cannot make. */
const sealedItem = z.tuple([z.string(), z.string(), z.string(), z.string()]);

export interface SealedItem {
  readonly tenantId: string;
  readonly userId: string;
  readonly key: string;
  /** JSON text. */
  readonly body: string;
}

/** Seals items as their MAC and the JSON of [tenant, user, key, body]. */
export class MemorySeal {
  readonly #mac: Mac;

  /** @param secret MEMORY_SEAL_KEY */
  constructor(secret: string) {
    this.#mac = new Mac(secret);
  }

  seal({ tenantId, userId, key, body }: SealedItem): string {
    const payload = JSON.stringify([tenantId, userId, key, body]);
    return this.#mac.of(payload) + payload;
  }

  /** Undefined when it was not sealed with this key, or has been changed since. */
  open(sealed: string): SealedItem | undefined {
    const payload = sealed.slice(macLength);
    if (!this.#mac.isOf(payload, sealed.slice(0, macLength))) return undefined;
    const [tenantId, userId, key, body] = sealedItem.parse(JSON.parse(payload));
    return { tenantId, userId, key, body };
  }
}
