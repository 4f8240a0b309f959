import { Inject, Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { reconnectAfter } from '../../common/redis.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import type { SealedJob } from './job-envelope.js';
import type { RefusalReason } from './job-refusal.js';
import { jobNamed } from './jobs.js';

/** Keeps this room's keys apart from the other rooms' on the same server. */
export const keyPrefix = 'queue';
export const queueName = 'jobs';
const deadLettersKey = `${keyPrefix}:dead-letters`;
const mostDeadLetters = 1000;
const firstRetryMs = 500;

/** BullMQ, as the dispatcher uses it: transport and nothing else. What it loses is in the outbox still. */
@Injectable()
export class Transport {
  readonly #redis: Redis;
  readonly #queue: Queue;

  constructor(@Inject(CONFIGURATION) { DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS }: Configuration) {
    this.#redis = new Redis(DURABLE_REDIS_URL, {
      commandTimeout: DURABLE_COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false, // fail now: the dispatcher's transaction is open meanwhile
      retryStrategy: reconnectAfter,
    });
    this.#redis.on('error', () => undefined); // every command reports its own failure
    this.#queue = new Queue(queueName, { connection: this.#redis, prefix: keyPrefix });
    this.#queue.on('error', () => undefined);
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready';
  }

  onReady(listener: () => void): void {
    this.#redis.on('ready', listener);
  }

  /** A job whose id is there already is left as it is. */
  async send(jobs: readonly SealedJob[]): Promise<void> {
    await this.#queue.addBulk(
      jobs.map(({ jobId, name, data }) => ({
        name,
        data,
        opts: {
          jobId,
          attempts: jobNamed(name)?.attempts ?? 1,
          backoff: { type: 'exponential', delay: firstRetryMs },
          removeOnComplete: true,
          removeOnFail: true, // the ledger knows, and may hand it on again
        },
      })),
    );
  }

  /** Keeps why a job was refused, and nothing of what it said: the last thousand. */
  async bury(jobId: string, reason: RefusalReason): Promise<void> {
    const letter = JSON.stringify({ jobId, reason, at: new Date() });
    await this.#redis
      .multi()
      .lpush(deadLettersKey, letter)
      .ltrim(deadLettersKey, 0, mostDeadLetters - 1)
      .exec();
  }

  /** @returns whether it was one that cannot be parsed, or has BullMQ make further jobs, which ours never do */
  async discardUnreadable(jobId: string): Promise<boolean> {
    try {
      const job = await this.#queue.getJob(jobId);
      if (job?.repeatJobKey === undefined) return false;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    const key = (name: string) => `${keyPrefix}:${queueName}:${name}`;
    await this.#redis.multi().lrem(key('wait'), 0, jobId).lrem(key('active'), 0, jobId).del(key(jobId)).exec();
    return true;
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => undefined);
    this.#redis.disconnect();
  }
}
