import type { FactoryProvider } from '@nestjs/common';
import { createCache, type Cache } from 'cache-manager';
import { redisInsStore } from 'cache-manager-ioredis-yet';
import { Redis } from 'ioredis';
import { CONFIGURATION, type Configuration } from '../../src/config/index.js';

/** Injection token of the incident's cache: cache-manager as its documentation sets it up. */
export const INCIDENT_CACHE = Symbol('incident cache');

/** Keeps the incident's keys apart from the application's, in the same Redis. */
export const incidentKeyPrefix = 'incident:';

export const incidentCacheProvider: FactoryProvider<Cache> = {
  provide: INCIDENT_CACHE,
  inject: [CONFIGURATION],
  useFactory: ({ REDIS_URL }: Configuration) => createCache(redisInsStore(new Redis(REDIS_URL))),
};
