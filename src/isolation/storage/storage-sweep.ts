import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SystemContext } from '../database/index.js';
import type { ObjectKey } from './object-key.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';

const intervalMs = 10 * 60 * 1000;
const batchSize = 100;

/**
 * Removes what has been unclaimed for an hour, whosever it is: what a crash left behind, and what a removed
 * project had. Only what is listed as unclaimed: comparing the store with the rows instead would empty the
 * store on the day on which, by a wrong policy or URL, no row is to be seen.
 */
@Injectable()
export class StorageSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('StorageSweep');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    private readonly system: SystemContext,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#running = this.run().catch((error: unknown) => {
        this.#logger.warn({ msg: 'Unclaimed objects are left to the next sweep', error });
      });
    }, intervalMs).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async run(): Promise<void> {
    while ((await this.#removeBatch()) === batchSize);
  }

  /** What is younger than an hour, the policies of this work do not show. An object that cannot be removed stays listed. */
  #removeBatch(): Promise<number> {
    return this.system.run('remove unclaimed objects', async (transaction) => {
      const keys = await transaction.$queryRaw<ObjectKey[]>`
        DELETE FROM unclaimed_objects
         WHERE (tenant_id, object_id) IN (
               SELECT tenant_id, object_id FROM unclaimed_objects ORDER BY since LIMIT ${batchSize})
        RETURNING tenant_id AS "tenantId", object_id AS "objectId"`;
      await Promise.all(keys.map((key) => this.store.remove(key)));
      return keys.length;
    });
  }
}
