import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Mac } from '../../common/mac.js';
import { closeRedis, connectRedis } from '../../common/redis.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents } from '../audit/index.js';
import { TenantContext } from '../context/index.js';
import { addressLimits } from './attempt-limits.js';
import { Attempts } from './attempts.js';
import { TenantPace } from './tenant-pace.js';

const LIMITS_REDIS = Symbol('the Redis that attempts are counted in');

@Global()
@Module({
  providers: [
    {
      provide: LIMITS_REDIS,
      inject: [CONFIGURATION],
      useFactory: ({ DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS }: Configuration) =>
        connectRedis(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS),
    },
    {
      provide: Attempts,
      inject: [LIMITS_REDIS, CONFIGURATION, TenantContext, SecurityEvents],
      useFactory: (
        redis: Redis,
        { JWT_SECRET, LOGIN_FAILURES_PER_ADDRESS, VISITORS_PER_ADDRESS }: Configuration,
        context: TenantContext,
        events: SecurityEvents,
      ) =>
        new Attempts(
          redis,
          addressLimits(LOGIN_FAILURES_PER_ADDRESS, VISITORS_PER_ADDRESS),
          new Mac(`limits|${JWT_SECRET}`),
          context,
          events,
        ),
    },
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
