import { Redis } from 'ioredis';

/** What a run that was killed has left in Redis can be told by it. */
const mark = 'be9c1041-0000-4000';

/** SQL for the id of a new tenant: as random as another behind the mark. */
export const markedTenantId = `overlay(gen_random_uuid()::text PLACING '${mark}' FROM 1)::uuid`;

/** All that the cache holds of marked tenants. */
export async function removeCachedOfMarkedTenants(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    for await (const keys of redis.scanStream({ match: `v1:{${mark}*`, count: 1000 }))
      if ((keys as string[]).length > 0) await redis.unlink(keys as string[]);
  } finally {
    redis.disconnect();
  }
}
