import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { closeRedis, connectRedis } from '../../common/redis.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { Attempts, LIMITS_REDIS } from './attempts.js';
import { TenantPace } from './tenant-pace.js';

@Global()
@Module({
  providers: [
    {
      provide: LIMITS_REDIS,
      inject: [CONFIGURATION],
      useFactory: ({ DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS }: Configuration) =>
        connectRedis(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS),
    },
    Attempts,
    {
      provide: TenantPace,
      inject: [CONFIGURATION],
      useFactory: ({ TENANT_REQUESTS_PER_SECOND }: Configuration) => new TenantPace(TENANT_REQUESTS_PER_SECOND),
    },
  ],
  exports: [Attempts, TenantPace],
})
export class LimitsModule implements OnApplicationShutdown {
  constructor(@Inject(LIMITS_REDIS) private readonly redis: Redis) {}

  async onApplicationShutdown(): Promise<void> {
    await closeRedis(this.redis);
  }
}
