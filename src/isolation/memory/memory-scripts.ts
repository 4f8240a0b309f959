import { luaNow } from '../../common/redis.js';

// Each script is all or nothing, and one round trip. KEYS: the user's index, and the thread where there is one.
//
// A thread exists while its id stands in the index, under the time of its last use. Only `create` puts an id
// there that was not; so an append that comes late does not bring back a thread that its owner has deleted.
// Times are milliseconds, and Redis's.

const forgetExpired = "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])";
const keepThread = `
  if not redis.call('ZSCORE', KEYS[1], ARGV[2]) then return nil end
  redis.call('ZADD', KEYS[1], now, ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])`;

/** ARGV ttlMs, id, the most threads there may be → 1, or nil when there are that many */
export const createThread = `${luaNow} ${forgetExpired}
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return nil end
  redis.call('ZADD', KEYS[1], now, ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  return 1`;

/** ARGV ttlMs, id, the most items it may keep, item → 1, or nil when there is no such thread */
export const appendItem = `${luaNow} ${forgetExpired} ${keepThread}
  redis.call('RPUSH', KEYS[2], ARGV[4])
  redis.call('LTRIM', KEYS[2], -ARGV[3], -1)
  redis.call('PEXPIRE', KEYS[2], ARGV[1])
  return 1`;

/** ARGV ttlMs, id → the items, oldest first, or nil when there is no such thread */
export const readThread = `${luaNow} ${forgetExpired} ${keepThread}
  redis.call('PEXPIRE', KEYS[2], ARGV[1])
  return redis.call('LRANGE', KEYS[2], 0, -1)`;

/** ARGV ttlMs → id, milliseconds since 1970, id, … of the last used first */
export const listThreads = `${luaNow} ${forgetExpired}
  return redis.call('ZRANGE', KEYS[1], 0, -1, 'REV', 'WITHSCORES')`;

/** ARGV ttlMs, id → 1, or nil when there is no such thread */
export const deleteThread = `${luaNow} ${forgetExpired}
  if redis.call('ZREM', KEYS[1], ARGV[2]) == 0 then return nil end
  redis.call('DEL', KEYS[2])
  return 1`;
