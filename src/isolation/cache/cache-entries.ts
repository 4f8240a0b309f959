import { z } from 'zod';
import { positiveInteger } from '../../common/validation.js';

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
  /** It shows what was, until it expires: that the database says something else by now is no fault of it. */
  readonly isSnapshot?: true;
  /** Reads the parameters, from code or from a route, to one spelling each. */
  readonly params: z.ZodType<Params>;
}

/** As code has it, or as a route spells it: as strictly as the route itself, or a HIT would answer what a MISS refuses. */
const number = z.union([z.int().positive(), positiveInteger]);

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
  profile: entry({
    name: 'profile',
    version: 1,
    scope: 'user',
    ttlSeconds: 60,
    entity: 'profile',
    params: z.object({}),
  }),
  // Shorter than there is between two runs of the canary.
  canary: entry({
    name: 'canary',
    version: 1,
    scope: 'tenant',
    ttlSeconds: 20,
    entity: 'canary',
    params: z.object({ number }),
  }),
  canaryOfUser: entry({
    name: 'canary-of-user',
    version: 1,
    scope: 'user',
    ttlSeconds: 20,
    entity: 'canary',
    params: z.object({ number }),
  }),
  // A result changes with every task, and says when it was computed. So nothing invalidates it: it
  // only spares those who ask for the same days within a minute.
  reportResult: entry({
    name: 'report-result',
    version: 1,
    scope: 'tenant',
    ttlSeconds: 60,
    entity: 'report-result',
    isSnapshot: true,
    params: z.object({ from: z.iso.date(), to: z.iso.date() }),
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
