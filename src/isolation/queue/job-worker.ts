import { Logger } from '@nestjs/common';
import { DelayedError, Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { reconnectAfter } from '../../common/redis.js';
import type { SecurityEvents } from '../audit/index.js';
import { isDatabaseAway } from '../database/index.js';
import type { AcceptedJob, JobEnvelopes } from './job-envelope.js';
import { JobRefusal } from './job-refusal.js';
import type { JobRunner } from './job-runner.js';
import { jobNamed } from './jobs.js';
import { keyPrefix, queueName, type Transport } from './transport.js';

const concurrency = 5;
const postponeMs = 1000;
/** A job that has ended this many workers is not given to a further one before its lease is over. */
const mostStalls = 3;

/** Takes jobs from Redis, and believes nothing but what their envelope proves. */
export class JobWorker {
  readonly #logger = new Logger('JobWorker');
  readonly #redis: Redis;
  readonly #worker: Worker;

  /** @param lockMs after which a job whose worker has died is given to another */
  constructor(
    url: string,
    lockMs: number,
    private readonly envelopes: JobEnvelopes,
    private readonly runner: JobRunner,
    private readonly transport: Transport,
    private readonly events: SecurityEvents,
    onDone: () => void,
  ) {
    // BullMQ demands that the worker's commands wait for Redis to come back, instead of failing.
    this.#redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: reconnectAfter });
    this.#redis.on('error', () => undefined); // it connects again by itself
    this.#worker = new Worker(queueName, (job, token) => this.#process(job, token), {
      connection: this.#redis,
      prefix: keyPrefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: mostStalls,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      autorun: false,
    });
    this.#worker.on('error', (error) => this.#logger.debug(String(error))); // without a listener it ends the process
    this.#worker.on('stalled', (jobId) => void this.#refuseUnreadable(jobId));
    this.#worker.on('completed', onDone);
    this.#worker.on('failed', onDone);
  }

  start(): void {
    void this.#worker.run();
  }

  /** After the jobs that are running. */
  async stop(): Promise<void> {
    await this.#worker.close(this.#redis.status !== 'ready');
    this.#redis.disconnect();
  }

  async #process(job: Job<unknown>, token: string | undefined): Promise<void> {
    try {
      const opened = this.envelopes.open(job.id, job.data);
      const isLast = job.attemptsMade + 1 >= (jobNamed(opened.job)?.attempts ?? 1);
      await this.#attempt(opened, isLast);
    } catch (error) {
      // Also when PostgreSQL went away before it could be told that the last attempt has failed.
      if (isDatabaseAway(error)) return await postpone(job, token);
      if (!(error instanceof JobRefusal)) throw error;
      await this.#refuse(job.id ?? '', error);
    }
  }

  async #attempt(opened: AcceptedJob, isLast: boolean): Promise<void> {
    try {
      await this.runner.run(opened);
    } catch (error) {
      if (error instanceof JobRefusal || isDatabaseAway(error)) throw error;
      this.#logger.warn(`The job "${opened.job}" failed: ${String(error)}`);
      if (isLast) await this.runner.abandon(opened, 'attempts-exhausted');
      throw error;
    }
  }

  /** Not thrown: to BullMQ the job is finished, whatever number of attempts it says of itself. */
  async #refuse(jobId: string, { reason, isCrossing, message }: JobRefusal): Promise<void> {
    const subject = jobId.slice(0, 100);
    if (isCrossing) this.events.record({ layer: 'queue', kind: `${reason} job`, subject });
    this.#logger.warn(JSON.stringify({ job: subject, message }));
    await this.transport.bury(subject, reason);
  }

  /** A job that BullMQ cannot parse never gets here, and would stall in one worker after another. */
  async #refuseUnreadable(jobId: string): Promise<void> {
    try {
      if (await this.transport.discardUnreadable(jobId)) await this.#refuse(jobId, new JobRefusal('malformed'));
    } catch (error) {
      this.#logger.debug(String(error)); // Redis is away: the job stalls again
    }
  }
}

/** Without PostgreSQL nothing can be done, and nobody is to blame: the attempt does not count. */
async function postpone(job: Job, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + postponeMs, token);
  throw new DelayedError();
}
