import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type pg from 'pg';

/**
 * The real worker, which is there only when the script says so: until then jobs wait for certain, those of both tenants
 * together, and afterwards they are done for certain.
 */
export class Worker {
  private constructor(
    private readonly queue: Queue,
    private readonly database: pg.Client,
  ) {}

  /** @param redis that of the jobs; `database` is the superuser's connection */
  static async sendAway(redis: Redis, database: pg.Client): Promise<Worker> {
    const queue = new Queue('jobs', { connection: redis, prefix: 'queue' });
    await queue.pause();
    return new Worker(queue, database);
  }

  /** Resolves when every job that was handed on is done, and what follows it, too. One that was lost on the way is not waited for. */
  async comes(meanwhile?: () => Promise<unknown>): Promise<void> {
    await this.queue.resume();
    await meanwhile?.();
    while ((await this.#areWaiting()) || (await this.#areRunning()));
    await this.queue.pause();
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  async #areWaiting(): Promise<boolean> {
    return (await this.database.query('SELECT FROM outbox WHERE dispatched_at IS NULL LIMIT 1')).rowCount === 1;
  }

  /** A job's row is gone before what follows it is done. */
  async #areRunning(): Promise<boolean> {
    const counts = await this.queue.getJobCounts('waiting', 'active', 'delayed');
    return Object.values(counts).some((count) => count > 0);
  }
}
