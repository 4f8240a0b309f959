import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents } from '../audit/index.js';
import { EnvelopeSeal } from './envelope.js';
import { RedisStore } from './redis-store.js';
import { SampledReads } from './sampled-reads.js';
import { TenantCache } from './tenant-cache.js';

@Global()
@Module({
  providers: [
    {
      provide: RedisStore,
      inject: [CONFIGURATION, SecurityEvents],
      useFactory: ({ REDIS_URL, CACHE_COMMAND_TIMEOUT_MS }: Configuration, events: SecurityEvents) =>
        RedisStore.connect(REDIS_URL, CACHE_COMMAND_TIMEOUT_MS, (key) => {
          events.record({ layer: 'cache', kind: 'foreign value', subject: key });
        }),
    },
    {
      provide: EnvelopeSeal,
      inject: [CONFIGURATION],
      useFactory: ({ CACHE_ENVELOPE_KEY }: Configuration) => new EnvelopeSeal(CACHE_ENVELOPE_KEY),
    },
    {
      provide: SampledReads,
      inject: [CONFIGURATION],
      useFactory: ({ CACHE_SAMPLE_ONE_IN }: Configuration) => new SampledReads(CACHE_SAMPLE_ONE_IN),
    },
    TenantCache,
  ],
  exports: [TenantCache],
})
export class CacheModule implements OnApplicationShutdown {
  constructor(@Inject(RedisStore) private readonly store: RedisStore) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
