import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/**
 * A connection to the durable Redis (sessions, conversations) that says at once when Redis is away:
 * what is asked then rejects, instead of waiting in a queue for Redis to come back. For the rooms of
 * src/isolation only; they name the keys.
 * @param commandTimeoutMs after which a command that has no answer rejects
 */
export async function connectRedis(url: string, commandTimeoutMs: number): Promise<Redis> {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1000,
    enableAutoPipelining: true, // what requests ask in the same tick goes out in one write
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(attempt * 50, 1000),
  });
  redis.on('error', () => undefined); // every command reports its own failure
  // The application starts without Redis, and answers 503 where it needs it.
  const ready = once(redis, 'ready').catch(() => undefined); // it rejects at the first error
  await Promise.race([ready, sleep(1000, undefined, { ref: false })]);
  return redis;
}
