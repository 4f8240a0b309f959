import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { TenantUser } from '../../../src/isolation/context/index.js';
import { sessionEntries } from '../../../src/isolation/sessions/index.js';
import { isSessionEnded, SessionLedger, type Rights, type SessionRecord } from './session-ledger.js';
import { context, roomOver } from './session-room.js';

const entry = sessionEntries.scratchpad;

/** Two people, both of them members of two tenants, and what they do: each deed notes what contradicts what it may rely on. */
export class SessionScene {
  readonly ledger = new SessionLedger();
  /** The session that somebody uses, and the rights that the database says they have. */
  readonly #used = new Map<TenantUser, SessionRecord>();
  readonly #rights = new Map<TenantUser, Rights>();
  readonly #tenants = [randomUUID(), randomUUID()];
  readonly #owners = [randomUUID(), randomUUID()].map((userId) =>
    this.#tenants.map((tenantId): TenantUser => ({ tenantId, userId })),
  );
  #room!: ReturnType<typeof roomOver>;
  #pause!: (what: string) => Promise<unknown>;

  /** Everybody is logged in everywhere, and has refreshed twice. */
  static async set(redis: Redis): Promise<SessionScene> {
    const scene = new SessionScene();
    scene.moveTo(redis, () => Promise.resolve());
    const enter = async (owner: TenantUser) => {
      await scene.logIn(owner);
      for (let refresh = 0; refresh < 2; refresh++) await scene.refreshInTwoTabs(owner);
    };
    await Promise.all(scene.#owners.flat().map(enter));
    return scene;
  }

  /** From here on the room has this Redis, and the database keeps it waiting. */
  moveTo(redis: Redis, pause: (what: string) => Promise<unknown>): void {
    this.#pause = pause;
    this.#room = roomOver(redis, ({ kind }) => {
      if (kind === 'session of somebody else') this.ledger.wrong.push(kind);
    });
  }

  owner(person: number, tenant: number): TenantUser {
    const owner = this.#owners[person]?.[tenant];
    if (!owner) throw new Error('There is nobody like that.');
    return owner;
  }

  async read(owner: TenantUser): Promise<void> {
    const session = this.#usedBy(owner);
    await this.ledger.ask(session, 'a request', () => this.#room.sessions.assertAlive(session.name));
    const asked = this.ledger.tick();
    const text = await this.#as(session, () => this.#room.store.read(entry));
    if (text !== null && this.ledger.mustBeDead(session, asked))
      this.ledger.wrong.push(`"${text}" outlived its session`);
    if (text !== null || !this.ledger.mayBeDead(session))
      session.kept.push({ kind: 'read', value: text ?? '', asked, answered: this.ledger.tick() });
  }

  async list(owner: TenantUser): Promise<void> {
    const asked = this.ledger.tick();
    const listed = await this.#as(this.#usedBy(owner), () => this.#room.sessions.list());
    const ids = new Set(listed.map(({ id }) => id));
    for (const session of this.ledger.sessions) {
      const isOwn = session.name.userId === owner.userId && session.name.tenantId === owner.tenantId;
      const isThere = ids.has(session.name.sessionId);
      if (isThere && !isOwn) this.ledger.wrong.push('a list has somebody else’s session');
      if (isThere && this.ledger.mustBeDead(session, asked))
        this.ledger.wrong.push('a list has a session that had ended');
      if (!isThere && isOwn && session.answered < asked && !this.ledger.mayBeDead(session))
        this.ledger.wrong.push('a list lacks a session that nobody ended');
    }
  }

  async write(owner: TenantUser): Promise<void> {
    const session = this.#usedBy(owner);
    const value = randomUUID();
    const written = await this.ledger.ask(session, 'writing', () =>
      this.#as(session, () => this.#room.store.write(entry, value)),
    );
    if (written) session.kept.push({ kind: 'write', value, ...written });
  }

  /** With one token at once. Nobody has two such rounds under way: a token from before the last two is reuse. */
  async refreshInTwoTabs(owner: TenantUser): Promise<void> {
    const session = this.#usedBy(owner);
    if (session.isRefreshing) return;
    session.isRefreshing = true;
    const next = session.generation + 1;
    const tab = () => this.ledger.ask(session, 'a refresh', () => this.#room.sessions.refresh(session.name, next - 1));
    for (const refreshed of await Promise.all([tab(), tab()])) {
      if (!refreshed) continue;
      if (refreshed.answer !== next) this.ledger.wrong.push('two tabs have got different tokens');
      session.generation = next;
    }
    session.isRefreshing = false;
  }

  async useOldToken(owner: TenantUser): Promise<void> {
    const session = this.#usedBy(owner);
    const death = this.#end(session);
    const old = session.generation - 2;
    const isRefused = await this.#room.sessions.refresh(session.name, old).then(() => false, isSessionEnded);
    if (isRefused) death.answered = this.ledger.tick();
    else this.ledger.wrong.push('a refresh token was used again');
  }

  async logOut(owner: TenantUser): Promise<void> {
    const session = this.#usedBy(owner);
    const death = this.#end(session);
    await this.#as(session, () => this.#room.sessions.endCurrent());
    death.answered = this.ledger.tick();
  }

  async logOutEverywhere(owner: TenantUser, rights?: Partial<Rights>): Promise<void> {
    const death = this.ledger.die(({ userId }) => userId === owner.userId, rights);
    await this.#as(this.#usedBy(owner), () => this.#room.sessions.endEverywhere());
    death.answered = this.ledger.tick();
  }

  async changePassword(owner: TenantUser): Promise<void> {
    await this.#pause('UPDATE reaches the database');
    const password = this.#rightsOf(owner).password + 1;
    for (const each of this.#owners.flat())
      if (each.userId === owner.userId) this.#rights.set(each, { ...this.#rightsOf(each), password });
    await this.#pause('UPDATE is answered');
    await this.logOutEverywhere(owner, { password });
    await this.logIn(owner);
  }

  /** By an admin of the tenant. A removal is the same, to a role that is none. */
  async changeRole(owner: TenantUser): Promise<void> {
    await this.#pause('UPDATE reaches the database');
    const role = this.#rightsOf(owner).role + 1;
    this.#rights.set(owner, { ...this.#rightsOf(owner), role });
    await this.#pause('UPDATE is answered');
    const { tenantId, userId } = owner;
    const death = this.ledger.die((session) => session.userId === userId && session.tenantId === tenantId, { role });
    const admin = { tenantId, userId: randomUUID(), sessionId: randomUUID(), role: 'admin' } as const;
    await context.run(admin, 'proof', () => this.#room.sessions.endMember(userId));
    death.answered = this.ledger.tick();
  }

  /** @param from another tenant of theirs, to switch from: the session used there ends with that, or none is opened */
  async logIn(owner: TenantUser, from?: TenantUser): Promise<void> {
    const predecessor = from && this.#usedBy(from);
    const asked = this.ledger.tick();
    const end = predecessor && this.#end(predecessor);
    const readGrant = async () => {
      await this.#pause('SELECT reaches the database');
      const rights = this.#rightsOf(owner);
      await this.#pause('SELECT is answered');
      return rights;
    };
    try {
      const { session, grant } = await this.#room.sessions.start(owner, readGrant, { predecessor: predecessor?.name });
      const answered = this.ledger.tick();
      const kept = { kind: 'write', value: '', asked, answered } as const;
      const opened = {
        name: session,
        rights: grant,
        asked,
        answered,
        generation: 1,
        isRefreshing: false,
        kept: [kept],
      };
      this.ledger.sessions.push(opened);
      this.#used.set(owner, opened);
      if (end) end.answered = answered;
      if (predecessor && this.ledger.mustBeDead(predecessor, asked))
        this.ledger.wrong.push('a switch from what had ended');
    } catch (error) {
      isSessionEnded(error);
      const unborn = { name: { ...owner, sessionId: '' }, asked };
      if (!this.ledger.mayBeDead(unborn) && !(predecessor && this.ledger.mayBeDead(predecessor, end)))
        this.ledger.wrong.push('a login was refused, and nobody ended it');
    }
  }

  #end({ name }: SessionRecord) {
    return this.ledger.die(({ sessionId }) => sessionId === name.sessionId);
  }

  #as<T>({ name }: SessionRecord, work: () => Promise<T>): Promise<T> {
    return context.run({ ...name, role: 'member' }, 'proof', work);
  }

  #usedBy(owner: TenantUser): SessionRecord {
    const session = this.#used.get(owner);
    if (!session) throw new Error('They have not logged in.');
    return session;
  }

  #rightsOf(owner: TenantUser): Rights {
    return this.#rights.get(owner) ?? { password: 0, role: 0 };
  }
}
