import type { TenantUser } from '../context/index.js';
import type { MemoryEntry } from './memory-entries.js';

/** The user's threads, each with when it was last used: a thread exists while it stands here. */
export const indexKey = (entry: MemoryEntry, owner: TenantUser): string => `${prefixOf(entry, owner)}:threads`;

/** The thread's items. The id of somebody else's thread makes a key at which there is nothing. */
export const threadKey = (entry: MemoryEntry, owner: TenantUser, threadId: string): string =>
  `${prefixOf(entry, owner)}:thread:${threadId}`;

/** In braces the tenant is Redis Cluster's hash tag: a thread and its index share a slot, so one script changes both. */
const prefixOf = ({ name, version }: MemoryEntry, { tenantId, userId }: TenantUser) =>
  `v1:{${tenantId}}:memory:${userId}:${name}:${String(version)}`;
