import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Queue, QueueEvents, Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { CONFIGURATION, type Configuration } from '../../src/config/index.js';
import { TenantContext, type TenantIdentity } from '../../src/isolation/context/index.js';
import { TenantDatabase } from '../../src/isolation/database/index.js';

interface Payload {
  /** Who asked. The nightly reports were added by older code, which did not say. */
  readonly identity?: TenantIdentity;
}
interface Report {
  readonly projects: readonly { readonly number: number; readonly name: string }[];
}

/** Of this process alone: another incident on the same Redis has another worker's field. */
const queueName = `incident-reports-${String(process.pid)}`;

/**
 * VULNERABLE, as it was found when the authors of the incident went on looking. The tenant is a field of
 * the process: a job that names one sets it, and a job that names none runs as whoever came before.
 * The database checks the tenant of every statement, and is told the wrong one.
 */
@Injectable()
export class LeakyReportWorkerDoNotCopy implements OnApplicationShutdown {
  readonly #redis: Redis;
  readonly #queue: Queue<Payload>;
  readonly #worker: Worker<Payload>;
  readonly #finished: QueueEvents;
  #identity: TenantIdentity | undefined;

  constructor(
    private readonly context: TenantContext,
    private readonly database: TenantDatabase,
    @Inject(CONFIGURATION) { DURABLE_REDIS_URL }: Configuration,
  ) {
    this.#redis = new Redis(DURABLE_REDIS_URL, { maxRetriesPerRequest: null });
    const connection = this.#redis;
    this.#queue = new Queue(queueName, { connection });
    this.#finished = new QueueEvents(queueName, { connection });
    this.#worker = new Worker(queueName, (job: Job<Payload>) => this.#process(job), { connection });
  }

  async request(identity?: TenantIdentity): Promise<Report> {
    const job = await this.#queue.add('report', identity ? { identity } : {}, { removeOnComplete: 100 });
    return (await job.waitUntilFinished(this.#finished)) as Report;
  }

  #process({ data }: Job<Payload>): Promise<Report> {
    this.#identity = data.identity ?? this.#identity;
    if (!this.#identity) throw new Error('No job has said who asks.');
    return this.context.run(this.#identity, 'incident', async () => ({
      projects: await this.database.project.findMany({ select: { number: true, name: true } }),
    }));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#worker.close(), this.#finished.close(), this.#queue.close()]);
    this.#redis.disconnect();
  }
}
