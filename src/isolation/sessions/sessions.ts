import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { notFound, ProblemError } from '../../common/errors.js';
import { SecurityEvents } from '../audit/index.js';
import { TenantContext, type TenantUser } from '../context/index.js';
import {
  indexKey,
  memberOf,
  ownerKey,
  ownerOf,
  sessionKey,
  sessionKeyPrefix,
  type SessionName,
} from './session-keys.js';
import { graceMs, memberLifetime, pendingMs, type SessionLifetime } from './session-lifetimes.js';
import { SessionRedis } from './session-redis.js';

/** A session of the person who asks. */
export interface SessionView {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly openedAt: Date;
  readonly refreshedAt: Date;
  readonly isCurrent: boolean;
}

/** Who is logged in. Every method throws ProblemError sessions-unavailable when Redis does not answer. */
@Injectable()
export class Sessions {
  constructor(
    private readonly redis: SessionRedis,
    private readonly context: TenantContext,
    private readonly events: SecurityEvents,
  ) {}

  /**
   * Opens a session under a new id. It is there before `readGrant` reads what it grants: a removal or a
   * change of role, which ends sessions after it is committed, has either been read or ends this one, too.
   * Reading first and opening then would leave a gap between the two.
   * @param readGrant what the person may do now; throws to let nobody in
   * @param predecessor a session of the same person that the new one takes the place of
   * @throws ProblemError session-ended when it, or its predecessor, has been ended meanwhile
   */
  async start<Grant>(
    owner: TenantUser,
    readGrant: () => Promise<Grant>,
    { lifetime = memberLifetime, predecessor }: { lifetime?: SessionLifetime; predecessor?: SessionName } = {},
  ): Promise<{ readonly session: SessionName; readonly grant: Grant }> {
    const session = { tenantId: owner.tenantId, userId: owner.userId, sessionId: randomUUID() };
    const member = memberOf(session);
    const keys = [sessionKey(session), indexKey(session.userId)];
    const absoluteMs = lifetime.absoluteSeconds * 1000;
    await this.redis.ask((redis) =>
      Promise.all([
        redis.set(ownerKey(session.sessionId), ownerOf(session), 'PX', absoluteMs),
        redis.openSession(2, ...keys, member, pendingMs, absoluteMs),
      ]),
    );
    const grant = await readGrant(); // when it throws, the session stays pending: it lets nobody in, and expires
    const idleMs = lifetime.idleSeconds * 1000;
    const isActive = await this.redis.ask((redis) =>
      predecessor
        ? redis.activateSession(3, ...keys, sessionKey(predecessor), member, idleMs, memberOf(predecessor))
        : redis.activateSession(2, ...keys, member, idleMs),
    );
    if (isActive === 0) throw new ProblemError('session-ended');
    return { session, grant };
  }

  /** @throws ProblemError session-ended */
  async assertAlive(session: SessionName): Promise<void> {
    const isAlive = await this.redis.ask((redis) => redis.hexists(sessionKey(session), 'generation'));
    if (isAlive === 0) await this.#refuse(session);
  }

  /**
   * Exchanges one generation of the refresh token for the next.
   * @throws ProblemError session-ended; also for a generation used before, which ends the session: one
   * of the two who have that token stole it
   */
  async refresh(session: SessionName, generation: number): Promise<number> {
    const refreshed = await this.redis.ask((redis) =>
      redis.refreshSession(
        2,
        sessionKey(session),
        indexKey(session.userId),
        memberOf(session),
        generation,
        graceMs,
        memberLifetime.idleSeconds * 1000,
      ),
    );
    if (refreshed > 0) return refreshed;
    if (refreshed === 0) await this.#refuse(session);
    this.events.record({ layer: 'sessions', kind: 'refresh token reused', subject: sessionKey(session) });
    throw new ProblemError('session-ended');
  }

  /** @returns whether there was one */
  async end(session: SessionName): Promise<boolean> {
    const ended = await this.redis.ask((redis) =>
      redis.endSession(2, sessionKey(session), indexKey(session.userId), memberOf(session)),
    );
    return ended > 0;
  }

  async endCurrent(): Promise<void> {
    await this.end(this.context.identity);
  }

  /** @throws ProblemError not-found for a session that is not the caller's, in this tenant */
  async endOwn(sessionId: string): Promise<void> {
    const { tenantId, userId } = this.context;
    if (!(await this.end({ tenantId, userId, sessionId }))) throw notFound();
  }

  /** All sessions of the caller, in every tenant. */
  async endEverywhere(): Promise<void> {
    await this.#endAll(this.context.userId, '');
  }

  /** All sessions that a member has in the caller's tenant. */
  async endMember(userId: string): Promise<void> {
    await this.#endAll(userId, memberOf({ tenantId: this.context.tenantId, sessionId: '' }));
  }

  /** The caller's sessions in this tenant, oldest first. Of other tenants nothing is told here. */
  async list(): Promise<readonly SessionView[]> {
    const { tenantId, userId, sessionId: currentId } = this.context;
    const members = await this.redis.ask((redis) => redis.zrange(indexKey(userId), 0, -1));
    const prefix = memberOf({ tenantId, sessionId: '' });
    const ids = members.filter((member) => member.startsWith(prefix)).map((member) => member.slice(prefix.length));
    const rows = await this.redis.ask((redis) =>
      Promise.all(
        ids.map((sessionId) => redis.hmget(sessionKey({ tenantId, userId, sessionId }), 'opened_at', 'refreshed_at')),
      ),
    );
    const views = rows.flatMap(([openedAt, refreshedAt], index): SessionView[] => {
      const id = ids[index];
      if (id === undefined || !openedAt || !refreshedAt) return []; // has ended, or is pending
      const [opened, refreshed] = [new Date(Number(openedAt)), new Date(Number(refreshedAt))];
      return [{ id, openedAt: opened, refreshedAt: refreshed, isCurrent: id === currentId }];
    });
    return views.toSorted((one, other) => one.openedAt.getTime() - other.openedAt.getTime());
  }

  isReachable(): Promise<boolean> {
    return this.redis.isReachable();
  }

  async #endAll(userId: string, memberPrefix: string): Promise<void> {
    await this.redis.ask((redis) => redis.endSessions(1, indexKey(userId), sessionKeyPrefix(userId), memberPrefix));
  }

  /** The client is told the same of a session that has ended and of one that never was theirs; the alarm is not. */
  async #refuse(session: SessionName): Promise<never> {
    const owner = await this.redis.ask((redis) => redis.get(ownerKey(session.sessionId)));
    if (owner !== null && owner !== ownerOf(session))
      this.events.record({ layer: 'sessions', kind: 'session of somebody else', subject: sessionKey(session) });
    throw new ProblemError('session-ended');
  }
}
