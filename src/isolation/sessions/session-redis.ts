import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ProblemError } from '../../common/errors.js';
import { closeRedis, connectRedis } from '../../common/redis.js';
import { defineScripts } from './session-scripts.js';

/** The Redis that sessions live in. When it does not answer, nothing is known about anybody, and nobody is let in. */
export class SessionRedis {
  private constructor(private readonly redis: Redis) {}

  /** @throws Error in production, when this Redis may evict */
  static async connect(url: string, commandTimeoutMs: number, isProduction: boolean): Promise<SessionRedis> {
    const redis = await connectRedis(url, commandTimeoutMs);
    defineScripts(redis);
    if (await mayEvict(redis)) {
      if (isProduction) {
        await closeRedis(redis);
        throw new Error(`Refusing to start: ${evictionFault}`);
      }
      new Logger('BootCheck').warn({ msg: 'In production this would refuse to start', fault: evictionFault });
    }
    // It may be away at the start, and come back as another one. There is no start to refuse then.
    redis.on('ready', () => void reportEviction(redis));
    return new SessionRedis(redis);
  }

  /** @throws ProblemError sessions-unavailable */
  async ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await command(this.redis);
    } catch (cause) {
      throw new ProblemError('sessions-unavailable', {}, { cause });
    }
  }

  async isReachable(): Promise<boolean> {
    return this.redis.ping().then(
      () => true,
      () => false,
    );
  }

  close(): Promise<void> {
    return closeRedis(this.redis);
  }
}

const evictionFault = 'the Redis of DURABLE_REDIS_URL evicts what it holds. Set its maxmemory-policy to noeviction.';

/** A Redis that evicts would log people out, and forget accepted work, whenever it is full. False when it cannot be asked. */
async function mayEvict(redis: Redis): Promise<boolean> {
  const memory = await redis.info('memory').catch(() => '');
  return /^maxmemory:[1-9]/m.test(memory) && !/^maxmemory_policy:noeviction\b/m.test(memory);
}

async function reportEviction(redis: Redis): Promise<void> {
  if (await mayEvict(redis))
    new Logger('BootCheck').error({ msg: 'At its start this would be refused', fault: evictionFault });
}
