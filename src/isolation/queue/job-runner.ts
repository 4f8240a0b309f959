import { Injectable, Logger } from '@nestjs/common';
import { isBelow, TenantContext, type Role } from '../context/index.js';
import { TenantDatabase, type TenantTransaction } from '../database/index.js';
import type { AcceptedJob } from './job-envelope.js';
import { JobHandlers, type JobHandler } from './job-handler.js';
import { JobLedger } from './job-ledger.js';
import { JobRefusal, type RefusalReason } from './job-refusal.js';
import { jobNamed } from './jobs.js';

/** Longer than the pool waits for a connection, which says why there is none. */
const longestWaitMs = 60_000;
const longestAbandonMs = 10_000;

/** Runs a job whose envelope has been opened: as the member who added it, in a fresh context, in one transaction. */
@Injectable()
export class JobRunner {
  readonly #logger = new Logger('JobRunner');

  constructor(
    private readonly context: TenantContext,
    private readonly database: TenantDatabase,
    private readonly handlers: JobHandlers,
    private readonly ledger: JobLedger,
  ) {}

  /** @throws JobRefusal when it is not to be run: the ledger then knows */
  async run(job: AcceptedJob): Promise<void> {
    const definition = jobNamed(job.job);
    if (!definition) return this.#refuse(job, 'unregistered');
    const role = await this.#as(job, 'viewer', () => this.#roleNow(job));
    if (role === undefined) return this.#refuse(job, 'inactive');
    if (isBelow(role, definition.minimumRole)) return this.#refuse(job, 'forbidden');
    const payload = definition.payload.safeParse(job.payload);
    if (!payload.success) return this.#refuse(job, 'wrong-payload');
    const handler = this.handlers.handlerOf(definition);

    await this.#inTransaction(job, role, definition.timeoutMs, async (transaction) => {
      if (!(await this.ledger.complete(transaction, job))) throw new JobRefusal('already-done');
      await handler.handle(payload.data, transaction);
    });
    await this.#tell(job, role, handler, payload.data);
  }

  /** For what is to be said about the job, before and after it is run. */
  inContextOf<T>(job: AcceptedJob, work: () => Promise<T>): Promise<T> {
    return this.#as(job, 'viewer', work);
  }

  /** The job will not be tried again. */
  async abandon(job: AcceptedJob, failure: RefusalReason | 'attempts-exhausted'): Promise<void> {
    const definition = jobNamed(job.job);
    const payload = definition?.payload.safeParse(job.payload);
    const handler = definition && payload?.success ? this.handlers.handlerOf(definition) : undefined;
    const hasFailed = await this.#inTransaction(job, 'viewer', longestAbandonMs, async (transaction) => {
      if (!(await this.ledger.fail(transaction, job, failure))) return false;
      await handler?.abandon(payload?.data, transaction);
      return true;
    });
    if (handler && hasFailed) await this.#tell(job, 'viewer', handler, payload?.data);
  }

  /** What is committed stands: a failure from here on must not have the job tried again. */
  async #tell(job: AcceptedJob, role: Role, handler: JobHandler<unknown>, payload: unknown): Promise<void> {
    await this.#as(job, role, async () => handler.ended?.(payload)).catch((error: unknown) => {
      this.#logger.error({ msg: 'What follows the job failed', error });
    });
  }

  async #refuse(job: AcceptedJob, reason: RefusalReason): Promise<never> {
    await this.abandon(job, reason);
    throw new JobRefusal(reason);
  }

  /** Undefined when the member or the tenant is no longer active. What they were when they added the job says nothing now. */
  async #roleNow({ tenantId, userId }: AcceptedJob): Promise<Role | undefined> {
    const member = await this.database.membership.findFirst({
      where: { tenantId, userId, status: 'active', tenant: { status: 'active' } },
      select: { role: true },
    });
    return member?.role;
  }

  #inTransaction<T>(
    job: AcceptedJob,
    role: Role,
    timeout: number,
    work: (transaction: TenantTransaction) => Promise<T>,
  ): Promise<T> {
    return this.#as(job, role, () => this.database.$transaction(work, { timeout, maxWait: longestWaitMs }));
  }

  #as<T>({ tenantId, userId, sessionId, row, job }: AcceptedJob, role: Role, work: () => Promise<T>): Promise<T> {
    return this.context.run({ tenantId, userId, sessionId, role }, row, work, jobNamed(job)?.name);
  }
}
