import { randomUUID } from 'node:crypto';
import type { RedisCache } from 'cache-manager-ioredis-yet';
import { Redis } from 'ioredis';
import { incidentCacheProvider, incidentKeyPrefix } from '../../../demo/incident/incident-cache.js';
import { LeakyProjectCacheDoNotCopy } from '../../../demo/incident/leaky-project-cache.do-not-copy.js';
import { readConfiguration } from '../../../src/config/index.js';
import { addressOf, tenantGenerationKey } from '../../../src/isolation/cache/cache-key.js';
import { cacheEntries } from '../../../src/isolation/cache/index.js';

/** What one cached project takes in Redis, key and value, in bytes. */
export interface RedisBytes {
  readonly incident: number;
  readonly entry: number;
  /** Shared by every entry that shows the project. */
  readonly projectGeneration: number;
  /** Shared by every entry of the tenant. */
  readonly tenantGeneration: number;
}

export interface CachedProject {
  readonly tenantId: string;
  /** As the application answers with it. */
  readonly project: { readonly number: number };
}

/** Of a project that the application has cached: measured there, and as the incident's cache holds the same project. */
export async function redisBytes(redisUrl: string, { tenantId, project }: CachedProject): Promise<RedisBytes> {
  const redis = new Redis(redisUrl);
  const incident = (await incidentCacheProvider.useFactory({
    ...readConfiguration(process.env),
    REDIS_URL: redisUrl,
  })) as RedisCache;
  const incidentKey = `${incidentKeyPrefix}project:${String(project.number)}`;
  const bytesOf = async (key: string) => {
    const bytes = await redis.memory('USAGE', key, 'SAMPLES', 0);
    if (bytes === null) throw new Error(`Redis does not hold ${key}.`);
    return bytes;
  };
  try {
    await new LeakyProjectCacheDoNotCopy(incident).wrap(project.number, () => Promise.resolve(project));
    const { key, generationKeys } = addressOf(
      cacheEntries.project,
      { number: project.number },
      { tenantId, userId: randomUUID() },
    );
    const tenantKey = tenantGenerationKey(tenantId);
    const [projectKey = ''] = generationKeys.filter((generationKey) => generationKey !== tenantKey);
    return {
      incident: await bytesOf(incidentKey),
      entry: await bytesOf(key),
      projectGeneration: await bytesOf(projectKey),
      tenantGeneration: await bytesOf(tenantKey),
    };
  } finally {
    await redis.unlink(incidentKey);
    redis.disconnect();
    await incident.store.client.quit();
  }
}
