import type { Redis, Result } from 'ioredis';
import { luaNow } from '../../common/redis.js';

// Each script is all or nothing, and one round trip. Only `openSession` makes a session's hash; the
// others change one that exists. A slow request can therefore not bring back a session that has ended.
// Where a session ends, its channel is told in the same script: what is published later arrives later.
//
// A session is pending until it has a generation: the number of its refresh token. Times are
// milliseconds, and Redis's.

const scripts = {
  /** KEYS session index, ARGV member pendingMs absoluteMs */
  openSession: `${luaNow}
    redis.call('HSET', KEYS[1], 'opened_at', now, 'absolute_ms', ARGV[3])
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
    redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
    redis.call('PEXPIRE', KEYS[2], ARGV[3])`,

  /** KEYS session index [predecessor], ARGV member idleMs [predecessor's member] → 0: it, or the predecessor, has ended */
  activateSession: `${luaNow}
    if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
    if KEYS[3] then
      if redis.call('DEL', KEYS[3]) == 0 then return 0 end
      redis.call('ZREM', KEYS[2], ARGV[3])
      redis.call('PUBLISH', KEYS[3], '')
    end
    redis.call('HSET', KEYS[1], 'generation', 1, 'refreshed_at', now)
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
    return 1`,

  /** KEYS session index, ARGV member generation graceMs idleMs → the generation from now on; 0: ended; -1: reused, and ended by that */
  refreshSession: `${luaNow}
    local session = redis.call('HMGET', KEYS[1], 'generation', 'refreshed_at', 'opened_at', 'absolute_ms')
    if not session[1] then return 0 end
    local current, presented = tonumber(session[1]), tonumber(ARGV[2])
    if presented == current - 1 and now - session[2] <= tonumber(ARGV[3]) then return current end
    if presented ~= current then
      redis.call('DEL', KEYS[1])
      redis.call('ZREM', KEYS[2], ARGV[1])
      redis.call('PUBLISH', KEYS[1], '')
      return -1
    end
    local expiry = math.min(now + ARGV[4], session[3] + session[4])
    redis.call('HSET', KEYS[1], 'generation', current + 1, 'refreshed_at', now)
    redis.call('PEXPIREAT', KEYS[1], expiry)
    redis.call('ZADD', KEYS[2], expiry, ARGV[1])
    return current + 1`,

  /** KEYS session index, ARGV member → how many there were */
  endSession: `
    redis.call('ZREM', KEYS[2], ARGV[1])
    redis.call('PUBLISH', KEYS[1], '')
    return redis.call('DEL', KEYS[1])`,

  /** KEYS index, ARGV prefix of the sessions' keys, how the members to end begin */
  endSessions: `
    for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
      if string.sub(member, 1, #ARGV[2]) == ARGV[2] then
        redis.call('DEL', ARGV[1] .. member)
        redis.call('ZREM', KEYS[1], member)
        redis.call('PUBLISH', ARGV[1] .. member, '')
      end
    end`,

  /** KEYS session, ARGV field value → 0: it has ended */
  writeSession: `
    if redis.call('HEXISTS', KEYS[1], 'generation') == 0 then return 0 end
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    return 1`,
} as const;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    openSession(keyCount: number, ...keysAndArguments: (string | number)[]): Result<null, Context>;
    activateSession(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
    refreshSession(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
    endSession(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
    endSessions(keyCount: number, ...keysAndArguments: (string | number)[]): Result<null, Context>;
    writeSession(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
  }
}

export function defineScripts(redis: Redis): void {
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { lua });
}
