import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { TenantContext } from '../context/index.js';
import { channelOf } from './channels.js';
import { EventSeal } from './event-seal.js';
import { assertRegistered, type RealtimeEvent } from './events.js';
import { PublisherRedis } from './realtime-redis.js';

/** Tells clients that something has changed, after it has: call it when the change is committed, and not before. */
@Injectable()
export class EventPublisher {
  readonly #logger = new Logger('Realtime');

  constructor(
    private readonly redis: PublisherRedis,
    private readonly seal: EventSeal,
    private readonly context: TenantContext,
  ) {}

  /**
   * Tenant and user are the context's. An event is a hint to fetch anew, and may be lost: that Redis is away
   * is logged and not thrown, because what it tells of stands already.
   * @throws Error for an event that is not registered
   */
  async publish<Payload>(event: RealtimeEvent<Payload>, payload: Payload): Promise<void> {
    assertRegistered(event);
    const { identity } = this.context;
    const channel = channelOf(event, identity);
    const sealed = this.seal.seal({
      channel,
      tenantId: identity.tenantId,
      userId: event.scope === 'user' ? identity.userId : null,
      id: randomUUID(),
      name: event.name,
      version: event.version,
      body: JSON.stringify(event.payload.parse(payload)),
    });
    try {
      await this.redis.publish(channel, sealed);
    } catch (error) {
      this.#logger.warn({ msg: 'The event was not published', event: event.name, error });
    }
  }
}
