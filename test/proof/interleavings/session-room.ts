import type { Redis } from 'ioredis';
import type { SecurityEvent, SecurityEvents } from '../../../src/isolation/audit/index.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { Sessions, SessionStore } from '../../../src/isolation/sessions/index.js';
import type { SessionRedis } from '../../../src/isolation/sessions/session-redis.js';

export const context = new TenantContext();

/** The room's own code, over this Redis. @param alarm is told of every crossing that is refused */
export function roomOver(raw: Redis, alarm: (event: SecurityEvent) => void) {
  const redis = { ask: <T>(command: (each: Redis) => Promise<T>) => command(raw) } as SessionRedis;
  const sessions = new Sessions(redis, context, { record: alarm } as unknown as SecurityEvents);
  return { sessions, store: new SessionStore(redis, context) };
}
