import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SessionRedis } from './session-redis.js';
import { SessionStore } from './session-store.js';
import { Sessions } from './sessions.js';

@Global()
@Module({
  providers: [
    {
      provide: SessionRedis,
      inject: [CONFIGURATION],
      useFactory: ({ DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS, NODE_ENV }: Configuration) =>
        SessionRedis.connect(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS, NODE_ENV === 'production'),
    },
    Sessions,
    SessionStore,
  ],
  exports: [Sessions, SessionStore],
})
export class SessionsModule implements OnApplicationShutdown {
  constructor(@Inject(SessionRedis) private readonly redis: SessionRedis) {}

  async onApplicationShutdown(): Promise<void> {
    await this.redis.close();
  }
}
