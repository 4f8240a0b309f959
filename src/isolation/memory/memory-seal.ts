import { z } from 'zod';
import { SealedJson } from '../../common/sealed-json.js';

/** What a remembered item says about itself, under a MAC that Redis cannot make. */
const sealedItem = z.object({ tenantId: z.string(), userId: z.string(), key: z.string(), body: z.string() });

export class MemorySeal extends SealedJson<z.infer<typeof sealedItem>> {
  /** @param secret MEMORY_SEAL_KEY */
  constructor(secret: string) {
    super(secret, sealedItem);
  }
}
