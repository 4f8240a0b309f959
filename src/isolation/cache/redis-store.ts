import { createCache, type Cache } from 'cache-manager';
import { redisInsStore } from 'cache-manager-ioredis-yet';
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import type { Redis } from 'ioredis';
import { closeRedis, connectRedis } from '../../common/redis.js';

/**
 * Redis, behind a timeout and a breaker. The only file that knows cache-manager and its deprecated store.
 *
 * That store reads values with a parser that can revive a string into a function and call it. So it
 * is only ever given opaque strings, and what it reads is checked before it parses: a value that is
 * not one quoted opaque string is reported and treated as absent.
 */
export class RedisStore {
  readonly #cache: Cache;
  readonly #breaker = circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(5) });

  private constructor(
    private readonly redis: Redis,
    onForeignValue: (key: string) => void,
  ) {
    this.#cache = createCache(redisInsStore(opaqueOnly(redis, onForeignValue)));
  }

  static async connect(
    url: string,
    commandTimeoutMs: number,
    onForeignValue: (key: string) => void,
  ): Promise<RedisStore> {
    return new RedisStore(await connectRedis(url, commandTimeoutMs), onForeignValue);
  }

  /** One round trip. Absent ones are undefined; so is all of it when Redis is away. */
  read(keys: readonly string[]): Promise<(string | undefined)[] | undefined> {
    return this.#attempt(() => this.#cache.store.mget(...keys) as Promise<(string | undefined)[]>);
  }

  /** @returns whether Redis has it */
  async write(key: string, opaque: string, ttlMs: number): Promise<boolean> {
    const written = await this.#attempt(() => this.#cache.set(key, opaque, ttlMs).then(() => true));
    return written ?? false;
  }

  async delete(key: string): Promise<void> {
    await this.#attempt(() => this.#cache.del(key));
  }

  /** Gives each key that has no value the value `opaque`, and reads what all of them hold then. One round trip. */
  async readOrCreate(
    keys: readonly string[],
    opaque: string,
    ttlMs: number,
  ): Promise<(string | undefined)[] | undefined> {
    const pipeline = this.redis.pipeline();
    for (const key of keys) pipeline.set(key, JSON.stringify(opaque), 'PX', ttlMs, 'NX');
    const [, values] = await Promise.all([this.#attempt(() => pipeline.exec()), this.read(keys)]);
    return values;
  }

  get isReady(): boolean {
    return this.redis.status === 'ready';
  }

  /** Undefined when Redis fails or has been failing: the breaker then spares callers the wait. */
  #attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    return this.#breaker.execute(command).catch(() => undefined);
  }

  close(): Promise<void> {
    return closeRedis(this.redis);
  }
}

const quotedOpaque = /^"[\w.-]+"$/;

/** The client as the store may see it: reads yield opaque strings or nothing. */
function opaqueOnly(redis: Redis, onForeignValue: (key: string) => void): Redis {
  const check = (key: string, raw: string | null): string | null => {
    if (raw === null || quotedOpaque.test(raw)) return raw;
    onForeignValue(key);
    return null;
  };
  const checked = {
    get: async (key: string) => check(key, await redis.get(key)),
    mget: async (keys: string[]) => (await redis.mget(keys)).map((raw, index) => check(keys[index] ?? '', raw)),
    set: redis.set.bind(redis),
    del: redis.del.bind(redis),
  };
  return checked as unknown as Redis;
}
