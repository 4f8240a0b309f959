import { Injectable } from '@nestjs/common';
import { TenantContext } from '../context/index.js';
import type { TenantTransaction } from '../database/index.js';
import type { JobRun } from './job-envelope.js';
import type { RefusalReason } from './job-refusal.js';

/** The outbox as the worker uses it: in the tenant of the context, one run at a time. */
@Injectable()
export class JobLedger {
  constructor(private readonly context: TenantContext) {}

  /**
   * Marks the run as done: the row goes, or, of a repeated job, waits for its next run (at once, if
   * that is overdue). Whoever comes second waits here for the first to commit, and is told false.
   */
  async complete(transaction: TenantTransaction, { row, run }: JobRun): Promise<boolean> {
    const { tenantId } = this.context;
    const completed = await transaction.$queryRaw<unknown[]>`
      WITH once AS (
        DELETE FROM outbox
         WHERE tenant_id = ${tenantId}::uuid AND id = ${row}::uuid AND run = ${run} AND failed_at IS NULL
           AND repeat_seconds IS NULL
     RETURNING id
      ), repeated AS (
        UPDATE outbox
           SET run = run + 1, dispatched_at = NULL,
               run_at = greatest(run_at + make_interval(secs => repeat_seconds), now())
         WHERE tenant_id = ${tenantId}::uuid AND id = ${row}::uuid AND run = ${run} AND failed_at IS NULL
           AND repeat_seconds IS NOT NULL
     RETURNING id
      )
      SELECT id FROM once UNION ALL SELECT id FROM repeated`;
    return completed.length > 0;
  }

  /** @returns false when the run was done, or has failed, before */
  async fail(
    transaction: TenantTransaction,
    { row, run }: JobRun,
    failure: RefusalReason | 'attempts-exhausted',
  ): Promise<boolean> {
    const failed = await transaction.$executeRaw`
      UPDATE outbox SET failed_at = now(), failure = ${failure}
       WHERE tenant_id = ${this.context.tenantId}::uuid AND id = ${row}::uuid AND run = ${run} AND failed_at IS NULL`;
    return failed > 0;
  }
}
