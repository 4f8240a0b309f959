import {
  Global,
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { EventPublisher } from './event-publisher.js';
import { EventSeal } from './event-seal.js';
import { EventSubscriptions } from './event-subscriptions.js';
import { PublisherRedis, SubscriberRedis } from './realtime-redis.js';

@Global()
@Module({
  providers: [
    {
      provide: PublisherRedis,
      inject: [CONFIGURATION],
      useFactory: ({ DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS }: Configuration) =>
        PublisherRedis.connect(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS),
    },
    {
      provide: SubscriberRedis,
      inject: [CONFIGURATION],
      useFactory: ({ DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS }: Configuration) =>
        SubscriberRedis.connect(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS),
    },
    {
      provide: EventSeal,
      inject: [CONFIGURATION],
      useFactory: ({ REALTIME_SEAL_KEY }: Configuration) => new EventSeal(REALTIME_SEAL_KEY),
    },
    EventPublisher,
    EventSubscriptions,
  ],
  exports: [EventPublisher, EventSubscriptions],
})
export class RealtimeModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly publisher: PublisherRedis,
    private readonly subscriber: SubscriberRedis,
    private readonly subscriptions: EventSubscriptions,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** One timer for all streams, started in nobody's scope. */
  onApplicationBootstrap(): void {
    const everyMs = this.configuration.REALTIME_HEARTBEAT_SECONDS * 1000;
    this.#heartbeat = setInterval(() => void this.subscriptions.beat(), everyMs);
  }

  /** Before the HTTP server waits for its connections to end: streams do not end by themselves. */
  beforeApplicationShutdown(): void {
    clearInterval(this.#heartbeat);
    this.subscriptions.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.publisher.close(), this.subscriber.close()]);
  }
}
