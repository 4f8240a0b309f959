import type { Redis } from 'ioredis';
import type { Substitute } from './scheduled-redis.js';

/** A session room that is wrong, so that the check is seen to fail. */
interface SessionFlaw {
  /** The command that does not do what it should. */
  readonly command: Readonly<Record<string, Substitute>>;
  readonly finding: string;
}

const generationOf = async (redis: Redis, key: string | number | undefined): Promise<number> =>
  Number(await redis.hget(String(key), 'generation'));

export const sessionFlaws: Readonly<Record<string, SessionFlaw>> = {
  'a refresh reads, and then writes': {
    command: {
      refreshSession: async (redis, _, key = '', index = '', member = '', presented) => {
        const current = await generationOf(redis, key);
        if (current === 0) return 0;
        if (Number(presented) < current - 1) return redis.endSession(2, key, index, member).then(() => -1);
        if (Number(presented) === current) await redis.hset(String(key), 'generation', current + 1);
        return Number(presented) + 1;
      },
    },
    finding: 'a session lives that had ended',
  },
  'a slow writer looks whether the session is there, and then writes': {
    command: {
      writeSession: async (redis, _, key, field, text) => {
        if ((await generationOf(redis, key)) === 0) return 0;
        return redis.hset(String(key), { [String(field)]: text }).then(() => 1);
      },
    },
    finding: 'something is left of a session that had ended',
  },
  'a login does not look whether it has been ended meanwhile': {
    command: {
      activateSession: async (redis, count, key, index = '', ...rest) => {
        const [predecessor = '', , , member = ''] = rest;
        if (count === 3 && (await redis.endSession(2, predecessor, index, member)) === 0) return 0;
        const now = Date.now();
        const fields = { generation: 1, opened_at: now, refreshed_at: now, absolute_ms: 60_000 };
        return redis.hset(String(key), fields).then(() => 1);
      },
    },
    finding: 'a session lives that had ended',
  },
  'a refresh token that is used again is only refused': {
    command: {
      refreshSession: async (redis, _, key, index = '', member = '', presented = 0, ...rest) => {
        if (Number(presented) < (await generationOf(redis, key)) - 1) return -1;
        return redis.refreshSession(2, String(key), index, member, presented, ...rest);
      },
    },
    finding: 'a request found a session that had ended',
  },
  'of two tabs the second comes too late': {
    command: {
      refreshSession: (redis, _, key = '', index = '', member = '', presented = 0, _graceMs, ...rest) =>
        redis.refreshSession(2, key, index, member, presented, -1, ...rest),
    },
    finding: 'a refresh was refused, and nobody ended the session',
  },
  'sessions of all tenants end together': {
    command: { endSessions: (redis, _, index = '', prefix = '') => redis.endSessions(1, index, prefix, '') },
    finding: 'a session is gone that nobody ended',
  },
};
