import { Redis } from 'ioredis';
import { variable } from './postgres.js';

/** A raw client on the application's cache, or what it keeps durably: what somebody with access to Redis can do. */
export function rawRedis(name: 'REDIS_URL' | 'DURABLE_REDIS_URL' = 'REDIS_URL'): Redis {
  return new Redis(variable(name));
}

/** Every key of a tenant. */
export async function keysOf(redis: Redis, tenantId: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const batch of redis.scanStream({ match: `*${tenantId}*`, count: 1000 }))
    keys.push(...(batch as string[]));
  return keys.sort();
}
