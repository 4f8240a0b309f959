import type { TenantIdentity } from '../context/index.js';
import type { CacheEntry, CacheParams } from './cache-entries.js';

/** Where an entry lives, and the generation counters that must not have moved since it was made. */
export interface CacheAddress {
  readonly tenantId: string;
  readonly key: string;
  readonly generationKeys: readonly string[];
}

/**
 * `v1:{tenant}:entry:project:1:1041`. The tenant in braces is Redis Cluster's hash tag: an entry and
 * its generations share a slot, so one MGET reads them all.
 */
export function addressOf<Params extends CacheParams>(
  entry: CacheEntry<Params>,
  params: Params,
  { tenantId, userId }: Pick<TenantIdentity, 'tenantId' | 'userId'>,
): CacheAddress {
  const identity = Object.keys(params)
    .sort()
    .map((name) => params[name] as string | number);
  const ownerSegments = entry.scope === 'user' ? ['user-entry', userId] : ['entry'];
  return {
    tenantId,
    key: join(tenantId, [...ownerSegments, entry.name, entry.version, ...identity]),
    generationKeys: [
      tenantGenerationKey(tenantId),
      entityGenerationKey(tenantId, entry.entity, params),
      ...(entry.scope === 'user' ? [userGenerationKey(tenantId, userId)] : []),
    ],
  };
}

export const tenantGenerationKey = (tenantId: string): string => join(tenantId, ['generation', 'tenant']);

export const userGenerationKey = (tenantId: string, userId: string): string =>
  join(tenantId, ['generation', 'user', userId]);

export function entityGenerationKey(tenantId: string, entity: string, params: CacheParams): string {
  const identity = Object.keys(params)
    .sort()
    .map((name) => params[name] as string | number);
  return join(tenantId, ['generation', 'entity', entity, ...identity]);
}

/** Segments are encoded, because joined as they are `a|b:c` and `a:b|c` would be the same key. */
function join(tenantId: string, segments: readonly (string | number)[]): string {
  return `v1:{${tenantId}}:${segments.map(encodeURIComponent).join(':')}`;
}
