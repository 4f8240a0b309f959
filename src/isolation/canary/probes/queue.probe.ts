import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { TenantDatabase, type TenantTransaction } from '../../database/index.js';
import { JobHandlers, JobQueue, jobs, type JobHandler } from '../../queue/index.js';
import { CanaryProbes, type CanaryProbe, type CanaryTurn } from '../canary-probes.js';
import { canaryProject as projectNumber } from '../canary-tenants.js';

const pollMs = 20;
const hourMs = 3_600_000;
const pending = 'pending';
/** While no worker answers, not more jobs than these wait for it. */
const mostPending = 12;

/** A job, through outbox, dispatcher and worker. In its task it notes whose project the worker was shown. */
@Injectable()
export class QueueProbe implements CanaryProbe<undefined>, JobHandler<{ task: number }> {
  readonly layer = 'queue';
  readonly name = 'what a job runs as';

  constructor(
    private readonly database: TenantDatabase,
    private readonly queue: JobQueue,
    handlers: JobHandlers,
    probes: CanaryProbes,
  ) {
    handlers.register(jobs.probeCanary, this);
    probes.register(this);
  }

  async look({ number, signal }: Pick<CanaryTurn, 'number' | 'signal'>): Promise<string> {
    await this.database.$transaction(async (transaction) => {
      if ((await transaction.task.count({ where: { projectNumber, title: pending } })) >= mostPending) return;
      const task = { number, projectNumber, title: pending };
      const { count } = await transaction.task.createMany({ data: [task], skipDuplicates: true });
      if (count > 0) await this.queue.add(transaction, jobs.probeCanary, { task: number });
    });
    for (;;) {
      const [task] = await this.database.task.findMany({ where: { number, projectNumber } });
      if (task && task.title !== pending) return task.title;
      await sleep(pollMs, undefined, { signal });
    }
  }

  /** What still waits is left to the worker, and counted meanwhile; an hour later it has been lost. */
  async clear(_place: undefined, numbers: readonly number[]): Promise<void> {
    const done = { number: { in: [...numbers] }, title: { not: pending } };
    const old = { createdAt: { lt: new Date(Date.now() - hourMs) } };
    await this.database.task.deleteMany({ where: { projectNumber, OR: [done, old] } });
  }

  /** In the worker, in the tenant that it believes the job to be of. */
  async handle({ task: number }: { task: number }, { project, task }: TenantTransaction): Promise<void> {
    const shown = await project.findMany({ where: { number: projectNumber }, select: { description: true } });
    const title = shown.map(({ description }) => description).join(' ');
    await task.updateMany({ where: { number, projectNumber, title: pending }, data: { title } });
  }

  async abandon({ task: number }: { task: number }, { task }: TenantTransaction): Promise<void> {
    await task.deleteMany({ where: { number, projectNumber, title: pending } });
  }
}
