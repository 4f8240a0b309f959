import { z } from 'zod';
import { SealedJson } from '../../common/sealed-json.js';

/** Characters. Events are numbers and ids: what is longer is none of ours. */
const maximumLength = 2048;

/** What an event says about itself on its way, under a MAC that Redis cannot make. */
const sealedEvent = z.object({
  channel: z.string(),
  tenantId: z.string(),
  /** Null when it is for everybody in the tenant. */
  userId: z.string().nullable(),
  id: z.string(),
  name: z.string(),
  version: z.int(),
  /** JSON text. */
  body: z.string(),
});

export type SealedEvent = z.infer<typeof sealedEvent>;

export class EventSeal extends SealedJson<SealedEvent> {
  /** @param secret REALTIME_SEAL_KEY */
  constructor(secret: string) {
    super(secret, sealedEvent);
  }

  override open(sealed: string): SealedEvent | undefined {
    return sealed.length > maximumLength ? undefined : super.open(sealed);
  }
}
