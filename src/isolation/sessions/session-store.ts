import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../common/errors.js';
import { TenantContext } from '../context/index.js';
import { assertRegistered, type SessionEntry } from './session-entries.js';
import { sessionKey } from './session-keys.js';
import { SessionRedis } from './session-redis.js';

/**
 * What a session keeps for as long as it lives. Kept in the session's own hash: a key of its own could
 * outlive the session, and each write by a slow request would bring it back.
 */
@Injectable()
export class SessionStore {
  constructor(
    private readonly redis: SessionRedis,
    private readonly context: TenantContext,
  ) {}

  async read(entry: SessionEntry): Promise<string | null> {
    const [key, field] = this.#place(entry);
    return this.redis.ask((redis) => redis.hget(key, field));
  }

  /**
   * @throws ProblemError session-ended
   * @throws RangeError for a text that is longer than the entry allows
   */
  async write(entry: SessionEntry, text: string): Promise<void> {
    const [key, field] = this.#place(entry);
    if (Buffer.byteLength(text) > entry.maximumBytes)
      throw new RangeError(`"${entry.name}" is too long for its entry.`);
    const written = await this.redis.ask((redis) => redis.writeSession(1, key, field, text));
    if (written === 0) throw new ProblemError('session-ended');
  }

  #place(entry: SessionEntry): readonly [key: string, field: string] {
    assertRegistered(entry);
    return [sessionKey(this.context.identity), `entry:${entry.name}:${String(entry.version)}`];
  }
}
