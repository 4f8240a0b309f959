import type { Redis } from 'ioredis';
import { ProblemError } from '../../common/errors.js';
import { closeRedis, connectRedis } from '../../common/redis.js';

/** The Redis that conversations live in. */
export class MemoryRedis {
  private constructor(private readonly redis: Redis) {}

  static async connect(url: string, commandTimeoutMs: number): Promise<MemoryRedis> {
    return new MemoryRedis(await connectRedis(url, commandTimeoutMs));
  }

  /**
   * Runs a script of memory-scripts.ts.
   * @throws ProblemError unavailable. Redis's own error holds the command, and so what somebody wrote: as the
   * cause it is not logged.
   */
  async run(script: string, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.redis.eval(script, keys.length, ...keys, ...values);
    } catch (cause) {
      throw new ProblemError('unavailable', {}, { cause });
    }
  }

  close(): Promise<void> {
    return closeRedis(this.redis);
  }
}
