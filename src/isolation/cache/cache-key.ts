import type { TenantUser } from '../context/index.js';
import type { CacheEntry, CacheParams } from './cache-entries.js';

/** Where an entry lives, and the generations that must not have moved since it was made. */
export interface CacheAddress {
  readonly tenantId: string;
  readonly key: string;
  /** Of the thing that the entry shows. */
  readonly entityGeneration: string;
  readonly generationKeys: readonly string[];
}

/** `v1:{tenant}:entry:project:1:1041`, and the keys of its generations. */
export function addressOf<Params extends CacheParams>(
  entry: CacheEntry<Params>,
  params: Params,
  { tenantId, userId }: TenantUser,
): CacheAddress {
  const identity = segmentsOf(params);
  const name = `${segment(entry.name)}:${String(entry.version)}${identity}`;
  const entityGeneration = generationKey(tenantId, `entity:${segment(entry.entity)}${identity}`);
  const generationKeys = [tenantGenerationKey(tenantId), entityGeneration];
  const ofTenant = { tenantId, key: keyOf(tenantId, `entry:${name}`), entityGeneration, generationKeys };
  if (entry.scope === 'tenant') return ofTenant;
  generationKeys.push(userGenerationKey(tenantId, userId));
  return { ...ofTenant, key: keyOf(tenantId, `user-entry:${segment(userId)}:${name}`) };
}

export const tenantGenerationKey = (tenantId: string): string => generationKey(tenantId, 'tenant');

export const userGenerationKey = (tenantId: string, userId: string): string =>
  generationKey(tenantId, `user:${segment(userId)}`);

const generationKey = (tenantId: string, name: string) => keyOf(tenantId, `generation:${name}`);

/** In braces the tenant is Redis Cluster's hash tag: an entry and its generations share a slot, so one MGET reads them all. */
const keyOf = (tenantId: string, name: string) => `v1:{${tenantId}}:${name}`;

/** Values in the order of their names, each with a separator before it. */
function segmentsOf(params: CacheParams): string {
  const names = Object.keys(params).sort();
  return names.map((name) => `:${segment(params[name] as string | number)}`).join('');
}

/** Encoded, because joined as they are `a|b:c` and `a:b|c` would be the same key. */
const segment = encodeURIComponent;
