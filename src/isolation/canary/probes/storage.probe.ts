import { Injectable } from '@nestjs/common';
import { text } from 'node:stream/consumers';
import { storageEntries, TenantStorage, type StoredObject } from '../../storage/index.js';
import { CanaryProbes, type CanaryProbe, type CanaryTurn } from '../canary-probes.js';

/** A stored object, which is never claimed: what a crash leaves behind, the sweep removes. */
@Injectable()
export class StorageProbe implements CanaryProbe<StoredObject> {
  readonly layer = 'storage';
  readonly name = 'a stored object';

  constructor(
    private readonly storage: TenantStorage,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  plant(secret: string): Promise<StoredObject> {
    return this.storage.put(storageEntries.canary, contentOf(secret));
  }

  async look({ own, other }: CanaryTurn<StoredObject>): Promise<string> {
    return (await this.#read(own)) + (await this.#read(other));
  }

  async clear({ objectId }: StoredObject): Promise<void> {
    await this.storage.discard(objectId);
  }

  async #read(object: StoredObject): Promise<string> {
    const content = await this.storage.open(object);
    return content ? text(content) : '';
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one piece
async function* contentOf(secret: string): AsyncGenerator<Buffer> {
  yield Buffer.from(secret);
}
