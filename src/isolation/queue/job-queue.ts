import { Injectable } from '@nestjs/common';
import { TenantContext } from '../context/index.js';
import type { TenantTransaction } from '../database/index.js';
import { assertRegistered, type Job } from './jobs.js';

export interface JobSchedule {
  /** Now, unless it says otherwise. */
  readonly runAt?: Date;
  /** Whole seconds from one run to the next. A run that fails, or is refused, ends the repetition. */
  readonly repeatEverySeconds?: number;
}

/** Accepts jobs, as rows of the caller's own transaction. Redis is not involved: a rollback leaves no job. */
@Injectable()
export class JobQueue {
  constructor(private readonly context: TenantContext) {}

  /**
   * Tenant, user and session are the context's. A transaction of another tenant refuses the row.
   * @throws Error for a job that is not registered, or outside a transaction
   */
  async add<Payload>(
    transaction: TenantTransaction,
    job: Job<Payload>,
    payload: Payload,
    { runAt, repeatEverySeconds }: JobSchedule = {},
  ): Promise<void> {
    assertRegistered(job);
    // TenantDatabase has all that a transaction has, so the compiler would let it pass.
    if ('$transaction' in transaction) {
      throw new Error(
        'A job is added inside a transaction: use TenantDatabase.$transaction, and hand on what it gives.',
      );
    }
    const { tenantId, userId, sessionId } = this.context.identity;
    const json = JSON.stringify(job.payload.parse(payload));
    await transaction.$executeRaw`
      INSERT INTO outbox (tenant_id, user_id, session_id, job, payload, run_at, repeat_seconds)
      VALUES (${tenantId}::uuid, ${userId}::uuid, ${sessionId}::uuid, ${job.name}, ${json}::jsonb,
              coalesce(${runAt ?? null}::timestamptz, now()), ${repeatEverySeconds ?? null}::integer)`;
  }
}
