// CACHE: values kept in Redis between requests.
// Without it: a key that lacks the tenant serves one tenant's project 1041 to another, HTTP 200.
// Guarantee: keys are built here only, from the context and a registry; each value carries its tenant
// and full key under a MAC, checked on read; single-flight is per tenant; absence is never stored.
// Proof: test/isolation/cache
export { cacheEntries, type CacheEntry } from './cache-entries.js';
export { CacheModule } from './cache.module.js';
export { Cached } from './cached.interceptor.js';
export { TenantCache } from './tenant-cache.js';
