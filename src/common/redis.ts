import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';

/** Milliseconds until the next attempt. */
export const reconnectAfter = (attempt: number): number => Math.min(attempt * 50, 1000);

/**
 * Lua that sets `now`: milliseconds since 1970, of Redis. Processes with clocks of their own would
 * disagree about what has expired.
 */
export const luaNow = "local time = redis.call('TIME'); local now = time[1] * 1000 + math.floor(time[2] / 1000)";

/**
 * A connection that says at once when Redis is away: what is asked then rejects, instead of waiting in a
 * queue for Redis to come back. Resolves when Redis answers, or after a second: the application starts
 * without it. For the rooms of src/isolation only; they name the keys.
 * @param commandTimeoutMs after which a command that has no answer rejects
 */
export async function connectRedis(
  url: string,
  commandTimeoutMs: number,
  options: Pick<RedisOptions, 'autoResubscribe'> = {},
): Promise<Redis> {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1000,
    enableAutoPipelining: true, // what requests ask in the same tick goes out in one write
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: reconnectAfter,
    ...options,
  });
  redis.on('error', () => undefined); // every command reports its own failure
  const ready = once(redis, 'ready').catch(() => undefined); // it rejects at the first error
  await Promise.race([ready, sleep(1000, undefined, { ref: false })]);
  return redis;
}

/** After what has been asked is answered; at once when Redis is away. */
export async function closeRedis(redis: Redis): Promise<void> {
  await redis.quit().catch(() => {
    redis.disconnect();
  });
}
