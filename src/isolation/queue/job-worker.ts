import { Inject, Injectable, Logger } from '@nestjs/common';
import { DelayedError, Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { reconnectAfter } from '../../common/redis.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents } from '../audit/index.js';
import { isDatabaseAway, reportRefusal } from '../database/index.js';
import { inJobSpan, jobRuns } from '../logging/index.js';
import { TenantContext } from '../context/index.js';
import { Dispatcher } from './dispatcher.js';
import { JobEnvelopes, type AcceptedJob } from './job-envelope.js';
import { JobRefusal } from './job-refusal.js';
import { JobRunner } from './job-runner.js';
import { jobNamed } from './jobs.js';
import { keyPrefix, queueName, Transport } from './transport.js';

const concurrency = 5;
const postponeMs = 1000;
/** A job that has ended this many workers is not given to a further one before its lease is over. */
const mostStalls = 3;

/** Takes jobs from Redis, and believes nothing but what their envelope proves. */
@Injectable()
export class JobWorker {
  readonly #logger = new Logger('JobWorker');
  readonly #transportLogger = new Logger('JobTransport');
  readonly #redis: Redis;
  readonly #worker: Worker;

  constructor(
    @Inject(CONFIGURATION) { DURABLE_REDIS_URL, JOB_LOCK_SECONDS }: Configuration,
    private readonly envelopes: JobEnvelopes,
    private readonly runner: JobRunner,
    private readonly transport: Transport,
    private readonly events: SecurityEvents,
    private readonly context: TenantContext,
    dispatcher: Dispatcher,
  ) {
    const lockMs = JOB_LOCK_SECONDS * 1000; // after which a job whose worker has died is given to another
    // BullMQ demands that the worker's commands wait for Redis to come back, instead of failing.
    this.#redis = new Redis(DURABLE_REDIS_URL, { maxRetriesPerRequest: null, retryStrategy: reconnectAfter });
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
    this.#worker.on('error', (error) => this.#reportTransport(error)); // without a listener it ends the process
    this.#worker.on('stalled', (jobId) => void this.#refuseUnreadable(jobId));
    this.#worker.on('completed', () => dispatcher.refill());
    this.#worker.on('failed', () => dispatcher.refill());
  }

  start(): void {
    void this.#worker.run();
  }

  /** After the jobs that are running. */
  async stop(): Promise<void> {
    await this.#worker.close(this.#redis.status !== 'ready');
    this.#redis.disconnect();
  }

  /** Whose a job is, nobody knows before its envelope is opened; until then the records about it have an id of their own. */
  #process(job: Job<unknown>, token: string | undefined): Promise<void> {
    return this.context.open(randomUUID(), () =>
      this.#refusing(job, token, () => {
        const accepted = this.envelopes.open(job.id, job.data);
        return this.runner.inContextOf(accepted, () =>
          inJobSpan(() => this.#refusing(job, token, () => this.#run(job, accepted))),
        );
      }),
    );
  }

  async #refusing(job: Job, token: string | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Also when PostgreSQL went away before it could be told that the last attempt has failed.
      if (isDatabaseAway(error)) return await postpone(job, token);
      if (!(error instanceof JobRefusal)) throw error;
      await this.#refuse(job.id ?? '', error);
    }
  }

  async #run(job: Job, accepted: AcceptedJob): Promise<void> {
    const end = jobRuns.startTimer({ job: jobNamed(accepted.job)?.name ?? 'unregistered' });
    const attempt = job.attemptsMade + 1;
    try {
      await this.runner.run(accepted);
      const seconds = end({ outcome: 'done' });
      this.#logger.log({ msg: 'Job', outcome: 'done', attempt, durationMs: Math.round(seconds * 1000) });
    } catch (error) {
      const isAway = isDatabaseAway(error);
      end({ outcome: error instanceof JobRefusal ? 'refused' : isAway ? 'postponed' : 'failed' });
      if (error instanceof JobRefusal || isAway) throw error;
      reportRefusal(this.events, error);
      this.#logger.warn({ msg: 'Job', outcome: 'failed', attempt, error });
      if (attempt >= (jobNamed(accepted.job)?.attempts ?? 1)) await this.runner.abandon(accepted, 'attempts-exhausted');
      throw error;
    }
  }

  /** Not thrown: to BullMQ the job is finished, whatever number of attempts it says of itself. */
  async #refuse(jobId: string, { reason, crossing, message }: JobRefusal): Promise<void> {
    const subject = jobId.slice(0, 100);
    if (crossing) this.events.record({ layer: 'queue', kind: crossing, subject });
    this.#logger.warn({ msg: message, outcome: 'refused', subject });
    await this.transport.bury(subject, reason);
  }

  /** A job that BullMQ cannot parse never gets here, and would stall in one worker after another. */
  async #refuseUnreadable(jobId: string): Promise<void> {
    try {
      if (await this.transport.discardUnreadable(jobId))
        await this.context.open(randomUUID(), () => this.#refuse(jobId, new JobRefusal('malformed')));
    } catch (error) {
      this.#reportTransport(error); // Redis is away: the job stalls again
    }
  }

  #reportTransport(error: unknown): void {
    this.#transportLogger.debug({ msg: 'The queue’s Redis failed', error });
  }
}

/** Without PostgreSQL nothing can be done, and nobody is to blame: the attempt does not count. */
async function postpone(job: Job, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + postponeMs, token);
  throw new DelayedError();
}
