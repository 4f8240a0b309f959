import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '../database/index.js';
import { assertRegistered, type Job } from './jobs.js';

/** What a feature does for a job. Called in the context of the member who added it, in the tenant they added it in. */
export interface JobHandler<Payload> {
  /**
   * Makes the job's effect. In `transaction` the job is already marked as done: the two are committed
   * together or not at all, so the effect happens once, however often the job is delivered.
   */
  handle(payload: Payload, transaction: TenantTransaction): Promise<void>;

  /** Says that there will be no effect: the last attempt has failed, or the job was refused. */
  abandon(payload: Payload, transaction: TenantTransaction): Promise<void>;

  /** Told when either is committed, for what cannot be rolled back. At most once: it is lost when the worker dies before. */
  ended?(payload: Payload): Promise<void>;
}

/** Which feature does which job. */
@Injectable()
export class JobHandlers {
  readonly #handlers = new Map<string, JobHandler<unknown>>();

  register<Payload>(job: Job<Payload>, handler: JobHandler<Payload>): void {
    assertRegistered(job);
    this.#handlers.set(job.name, handler);
  }

  /** @throws Error when no feature has registered one */
  handlerOf(job: Job): JobHandler<unknown> {
    const handler = this.#handlers.get(job.name);
    if (!handler) throw new Error(`No feature handles the job "${job.name}": register one with JobHandlers.register.`);
    return handler;
  }
}
