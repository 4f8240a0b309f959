import { randomUUID } from 'node:crypto';
import type { RedisCache } from 'cache-manager-ioredis-yet';
import { incidentCacheProvider } from '../../demo/incident/incident-cache.js';
import { LeakyProjectCacheDoNotCopy } from '../../demo/incident/leaky-project-cache.do-not-copy.js';
import { readConfiguration } from '../../src/config/index.js';
import { SecurityEvents } from '../../src/isolation/audit/index.js';
import { EnvelopeSeal } from '../../src/isolation/cache/envelope.js';
import { cacheEntries, TenantCache } from '../../src/isolation/cache/index.js';
import { SampledReads } from '../../src/isolation/cache/sampled-reads.js';
import { RedisStore } from '../../src/isolation/cache/redis-store.js';
import { TenantContext } from '../../src/isolation/context/index.js';

interface CacheReader {
  readonly name: string;
  /** False when it was no hit, or not the right project. */
  readonly hit: () => Promise<boolean>;
}
interface CacheUnderTest {
  readonly readers: readonly CacheReader[];
  readonly close: () => Promise<unknown>;
}

// The incident's key is the number alone: one that no earlier run has used.
const project = { number: 1 + Math.floor(Math.random() * 2_000_000_000), name: 'Benchmark project' };
const load = () => Promise.resolve(project);

/** The incident's cache on the Redis at `url`, holding the project. */
export async function incidentCache(url: string): Promise<CacheUnderTest> {
  const cache = (await incidentCacheProvider.useFactory(configurationFor(url))) as RedisCache;
  const leaky = new LeakyProjectCacheDoNotCopy(cache);
  await leaky.wrap(project.number, load);
  const hit = async () => {
    const { isHit, value } = await leaky.wrap(project.number, load);
    return isHit && value.name === project.name;
  };
  return { readers: [{ name: 'the incident: wrap', hit }], close: () => cache.store.client.quit() };
}

/** The application's cache on the Redis at `url`, holding the project of one tenant. */
export async function tenantCache(url: string): Promise<CacheUnderTest> {
  const { CACHE_ENVELOPE_KEY, CACHE_COMMAND_TIMEOUT_MS, CACHE_SAMPLE_ONE_IN } = configurationFor(url);
  const context = new TenantContext();
  const events = new SecurityEvents(context);
  const store = await RedisStore.connect(url, CACHE_COMMAND_TIMEOUT_MS, () => undefined);
  const samples = new SampledReads(CACHE_SAMPLE_ONE_IN);
  const cache = new TenantCache(context, store, new EnvelopeSeal(CACHE_ENVELOPE_KEY), events, samples);
  const identity = { tenantId: randomUUID(), userId: randomUUID(), sessionId: randomUUID(), role: 'viewer' } as const;
  const inTenant = <T>(work: () => Promise<T>) => context.run(identity, 'bench', work);
  const { number } = project;
  await inTenant(() => cache.set(cacheEntries.project, { number }, project));
  const get = async () => {
    const value = await cache.get(cacheEntries.project, { number });
    return (value as typeof project | undefined)?.name === project.name;
  };
  const wrapJson = async () => {
    const cached = await cache.wrapJson(cacheEntries.project, { number: String(number) }, load);
    return cached?.isHit === true && cached.body === JSON.stringify(project);
  };
  return {
    readers: [
      { name: 'ours: TenantCache.get', hit: () => inTenant(get) },
      { name: 'ours: TenantCache.wrapJson', hit: () => inTenant(wrapJson) },
    ],
    close: () => store.close(),
  };
}

function configurationFor(redisUrl: string) {
  return { ...readConfiguration(process.env), REDIS_URL: redisUrl };
}
