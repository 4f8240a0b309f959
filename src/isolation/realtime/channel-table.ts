import type { SubscriberRedis } from './realtime-redis.js';
import type { Subscription } from './subscription.js';

interface Channel {
  readonly subscriptions: Set<Subscription>;
  /** Settles when Redis has answered. */
  readonly confirmed: Promise<void>;
}

/** Who in this process listens to which channel. Redis is asked for a channel while somebody does, and only then. */
export class ChannelTable {
  readonly #channels = new Map<string, Channel>();

  constructor(private readonly redis: Pick<SubscriberRedis, 'subscribe' | 'unsubscribe'>) {}

  get size(): number {
    return this.#channels.size;
  }

  /** Resolves when every later message arrives. Whoever joins leaves, also when this rejects. */
  join(channel: string, subscription: Subscription): Promise<void> {
    let entry = this.#channels.get(channel);
    if (!entry) {
      entry = { subscriptions: new Set(), confirmed: this.redis.subscribe(channel) };
      this.#channels.set(channel, entry);
    }
    entry.subscriptions.add(subscription);
    return entry.confirmed;
  }

  leave(channel: string, subscription: Subscription): void {
    const entry = this.#channels.get(channel);
    if (!entry?.subscriptions.delete(subscription) || entry.subscriptions.size > 0) return;
    this.#channels.delete(channel);
    this.redis.unsubscribe(channel);
  }

  /** A copy: who is told may leave meanwhile. */
  of(channel: string): readonly Subscription[] {
    return [...(this.#channels.get(channel)?.subscriptions ?? [])];
  }
}
