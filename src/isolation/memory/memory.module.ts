import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { ConversationMemory } from './conversation-memory.js';
import { MemoryRedis } from './memory-redis.js';
import { MemorySeal } from './memory-seal.js';
import { PromptBuilder } from './prompt.js';

@Global()
@Module({
  providers: [
    {
      provide: MemoryRedis,
      inject: [CONFIGURATION],
      useFactory: ({ DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS }: Configuration) =>
        MemoryRedis.connect(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS),
    },
    {
      provide: MemorySeal,
      inject: [CONFIGURATION],
      useFactory: ({ MEMORY_SEAL_KEY }: Configuration) => new MemorySeal(MEMORY_SEAL_KEY),
    },
    ConversationMemory,
    PromptBuilder,
  ],
  exports: [ConversationMemory, PromptBuilder],
})
export class MemoryModule implements OnApplicationShutdown {
  constructor(@Inject(MemoryRedis) private readonly redis: MemoryRedis) {}

  async onApplicationShutdown(): Promise<void> {
    await this.redis.close();
  }
}
