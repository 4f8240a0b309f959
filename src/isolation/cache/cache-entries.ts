import { z } from 'zod';

/** Identifies one cached thing within its tenant. Values become key segments. */
export type CacheParams = Readonly<Record<string, string | number>>;

/** Something that may be cached. There is no other way to name a key than by one of these. */
export interface CacheEntry<Params extends CacheParams = CacheParams> {
  readonly name: string;
  /** Raise it when the shape of the value changes: during a deploy, old and new instances then do not read each other's. */
  readonly version: number;
  /** 'user': every user of a tenant has an entry of their own. Choose 'tenant' only when role and user change nothing. */
  readonly scope: 'tenant' | 'user';
  /** Upper bound; each write lasts up to a tenth less, so that entries made together do not expire together. */
  readonly ttlSeconds: number;
  /** The changing thing it shows: `TenantCache.invalidateEntity` makes all entries of that thing unreadable. */
  readonly entity: string;
  /** Reads the parameters from anything (route parameters, say), to one spelling each: 01041 and 1041 must not be two keys. */
  readonly params: z.ZodType<Params>;
}

const number = z.coerce.number().int().min(1).max(2_147_483_647);

/** The registry: everything the application caches. A test holds every key in Redis against it. */
export const cacheEntries = {
  project: entry({
    name: 'project',
    version: 1,
    scope: 'tenant',
    ttlSeconds: 300,
    entity: 'project',
    params: z.object({ number }),
  }),
} as const;

const registered = new Set<unknown>(Object.values(cacheEntries));

/** @throws Error for an entry that is not in the registry, however it was made */
export function assertRegistered(entry: CacheEntry): void {
  if (registered.has(entry)) return;
  throw new Error(`The cache entry "${entry.name}" is not registered. Add it to src/isolation/cache/cache-entries.ts.`);
}

function entry<Params extends CacheParams>(definition: CacheEntry<Params>): CacheEntry<Params> {
  return Object.freeze(definition);
}
