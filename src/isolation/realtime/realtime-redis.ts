import type { Redis } from 'ioredis';
import { closeRedis, connectRedis } from '../../common/redis.js';

/** The connection that events leave by. One that listens can do nothing else. */
export class PublisherRedis {
  private constructor(private readonly redis: Redis) {}

  static async connect(url: string, commandTimeoutMs: number): Promise<PublisherRedis> {
    return new PublisherRedis(await connectRedis(url, commandTimeoutMs));
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.redis.publish(channel, message);
  }

  close(): Promise<void> {
    return closeRedis(this.redis);
  }
}

/** The one connection by which this process listens. */
export class SubscriberRedis {
  private constructor(private readonly redis: Redis) {}

  static async connect(url: string, commandTimeoutMs: number): Promise<SubscriberRedis> {
    // Subscribing again by itself would hide that messages were missed.
    return new SubscriberRedis(await connectRedis(url, commandTimeoutMs, { autoResubscribe: false }));
  }

  /** @param onLost all that was subscribed is no longer, and messages may have been missed */
  on(onMessage: (channel: string, message: string) => void, onLost: () => void): void {
    this.redis.on('message', onMessage);
    this.redis.on('close', onLost);
  }

  /**
   * Resolves when Redis has confirmed it: every later message arrives. ioredis would send it on a connection that it is
   * still checking, and then lose that connection: one that listens cannot answer the check.
   */
  async subscribe(channel: string): Promise<void> {
    if (!this.#isReady()) throw new Error('Redis is away: there is nothing to listen to.');
    await this.redis.subscribe(channel);
  }

  unsubscribe(channel: string): void {
    this.redis.unsubscribe(channel).catch(() => undefined); // the connection is lost, and the subscription with it
  }

  /** Finds a connection that is dead without having been closed, and closes it. */
  async probe(): Promise<void> {
    if (this.#isReady()) await this.redis.ping().catch(() => this.#disconnect());
  }

  close(): Promise<void> {
    return closeRedis(this.redis);
  }

  /** Not when the question failed because the connection was lost: by then there may be another, with streams on it. */
  #disconnect(): void {
    if (this.#isReady()) this.redis.disconnect(true);
  }

  #isReady(): boolean {
    return this.redis.status === 'ready';
  }
}
