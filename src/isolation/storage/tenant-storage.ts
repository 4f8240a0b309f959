import { Inject, Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { ProblemError } from '../../common/errors.js';
import { Mac, macLength } from '../../common/mac.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents } from '../audit/index.js';
import { TenantContext } from '../context/index.js';
import { TenantDatabase, type TenantTransaction } from '../database/index.js';
import { ContentCheck } from './content-check.js';
import type { ContentType } from './content-types.js';
import { objectPath, type ObjectKey } from './object-key.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';
import { HashCheck, sealed, take } from './sealed-object.js';
import { assertRegistered, type StorageEntry } from './storage-entries.js';

/** What the row that claims an object has to keep. */
export interface StoredObject {
  readonly objectId: string;
  readonly contentType: ContentType;
  /** Bytes. */
  readonly size: number;
  /** Of the content, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Files of the tenant that asks. An object is unclaimed while it is written, is claimed by the transaction
 * that writes its row, and is unclaimed again by a trigger when that row goes. So neither a crash nor an
 * answer that got lost leaves a row without its object, or for long an object without a row.
 *
 * Every method throws ProblemError unavailable when the store cannot be reached, or is full.
 */
@Injectable()
export class TenantStorage {
  readonly #logger = new Logger('Storage');
  readonly #seals: Mac;

  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
    private readonly events: SecurityEvents,
    @Inject(CONFIGURATION) { STORAGE_SEAL_KEY }: Configuration,
  ) {
    this.#seals = new Mac(STORAGE_SEAL_KEY);
  }

  /**
   * Durable when it resolves. An object of its own each time: equal contents are not shared, because who
   * stores what somebody else has stored would be told so by the time it takes.
   * @throws ProblemError payload-too-large or unsupported-file-type; or whatever `content` throws
   */
  async put(entry: StorageEntry, content: AsyncIterable<Buffer>): Promise<StoredObject> {
    assertRegistered(entry);
    const key = this.#key(randomUUID());
    await this.database.unclaimedObject.create({ data: { objectId: key.objectId }, select: { objectId: true } });
    const check = new ContentCheck(entry);
    try {
      await this.#ask(() => this.store.write(key, sealed(this.#seals.of(objectPath(key)), check.pass(content))));
    } catch (error) {
      await this.discard(key.objectId);
      throw error;
    }
    return { objectId: key.objectId, ...check.result };
  }

  /** @param transaction the one that writes the row which has the object */
  async claim(transaction: TenantTransaction, objectId: string): Promise<void> {
    if (!(await this.#unlist(transaction, objectId)))
      throw new Error('The object has been removed: nobody claimed it.');
  }

  /** null when there is no such object, or what lies in its place belongs somewhere else. */
  async open({ objectId, sha256 }: Pick<StoredObject, 'objectId' | 'sha256'>): Promise<Readable | null> {
    const key = this.#key(objectId);
    return this.#ask(async () => {
      const stored = await this.store.read(key);
      if (!stored) return null;
      const seal = await take(stored, macLength);
      if (this.#seals.isOf(objectPath(key), seal.toString()))
        return pipeline(stored, new HashCheck(sha256), () => undefined); // who reads it hears of its errors
      stored.destroy();
      this.events.record({ layer: 'storage', kind: 'misplaced object', subject: objectPath(key) });
      return null;
    });
  }

  /** Removes an object that is unclaimed. What cannot be removed now, the sweep removes. */
  async discard(objectId: string): Promise<void> {
    const key = this.#key(objectId);
    const removal = this.database.$transaction(async (transaction) => {
      if (await this.#unlist(transaction, objectId)) await this.store.remove(key);
    });
    await removal.catch((error: unknown) => {
      this.#logger.warn({ msg: 'An unclaimed object is left to the sweep', error });
    });
  }

  async #unlist({ unclaimedObject }: TenantTransaction, objectId: string): Promise<boolean> {
    const { count } = await unclaimedObject.deleteMany({ where: this.#key(objectId) });
    return count > 0;
  }

  #key(objectId: string): ObjectKey {
    return { tenantId: this.context.tenantId, objectId };
  }

  /** An error of ours says what it means; any other is the store's. */
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause;
      this.#logger.error({ msg: 'The object store failed', error: cause });
      throw new ProblemError('unavailable', {}, { cause });
    }
  }
}
