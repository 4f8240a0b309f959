import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { isDatabaseAway, SystemContext } from '../database/index.js';
import type { ObjectKey } from './object-key.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';

const intervalMs = 10 * 60 * 1000;
const batchSize = 100;
/** With more than these that cannot be removed, it is the store that is away. */
const mostStuck = 10;

/**
 * Removes what has been unclaimed for an hour, whosever it is: what a crash left behind, and what a removed
 * project had. Only what is listed as unclaimed: comparing the store with the rows instead would empty the
 * store on the day on which, by a wrong policy or URL, no row is to be seen.
 */
@Injectable()
export class StorageSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('StorageSweep');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;

  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    private readonly system: SystemContext,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.run()
        .catch((error: unknown) => {
          this.#logger.warn({ msg: 'Unclaimed objects are left to the next sweep', error });
        })
        .finally(() => (this.#running = undefined));
    }, intervalMs).unref();
  }

  /** Waits for the batch that is under way. */
  async onApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** When a batch fails, one at a time up to the object that cannot be removed: it stays listed, and those behind it come. */
  async run(): Promise<void> {
    let size = batchSize;
    let stuck = 0;
    while (!this.#isStopping) {
      try {
        if ((await this.#removeBatch(size, stuck)) < size) return;
      } catch (error) {
        if (isDatabaseAway(error) || stuck === mostStuck) throw error;
        if (size === 1) {
          this.#logger.warn({ msg: 'An unclaimed object cannot be removed', error });
          stuck++;
        }
        size = size === 1 ? batchSize : 1;
      }
    }
  }

  /**
   * What is younger than an hour, the policies of this work do not show. All of it or nothing: an object whose removal fails
   * stays listed. The rows go first: nobody can claim an object that is being removed.
   */
  #removeBatch(size: number, skipped: number): Promise<number> {
    return this.system.run('remove unclaimed objects', async (transaction) => {
      const keys = await transaction.$queryRaw<ObjectKey[]>`
        DELETE FROM unclaimed_objects
         WHERE (tenant_id, object_id) IN (
               SELECT tenant_id, object_id FROM unclaimed_objects ORDER BY since, object_id LIMIT ${size} OFFSET ${skipped})
        RETURNING tenant_id AS "tenantId", object_id AS "objectId"`;
      await Promise.all(keys.map((key) => this.store.remove(key)));
      return keys.length;
    });
  }
}
