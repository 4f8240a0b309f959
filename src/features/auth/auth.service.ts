import { Injectable } from '@nestjs/common';
import { notFound, ProblemError } from '../../common/errors.js';
import { hashPassword, verifyPassword } from '../../common/password.js';
import { TenantContext, type TenantUser } from '../../isolation/context/index.js';
import { AccessTokens, RefreshTokens } from '../../isolation/http/index.js';
import { Attempts } from '../../isolation/limits/index.js';
import { Sessions, type SessionName } from '../../isolation/sessions/index.js';
import type { ChangePassword, Login, LoginView } from './auth.dto.js';
import { PeopleRepository } from './people.repository.js';

type Grant = NonNullable<Awaited<ReturnType<PeopleRepository['findGrant']>>>;

@Injectable()
export class AuthService {
  constructor(
    private readonly people: PeopleRepository,
    private readonly sessions: Sessions,
    private readonly context: TenantContext,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly attempts: Attempts,
  ) {}

  /**
   * Wrong password, nobody by that name, a tenant one does not belong to: the same answer, after the same work.
   * @param address of the client
   * @throws ProblemError wrong-credentials; tenant-choice-required, with the tenants to choose from; too-many-requests
   */
  login(login: Login, address: string): Promise<LoginView> {
    return this.attempts.login(login.email, address, () => this.#login(login));
  }

  async #login({ email, password, tenant: slug }: Login): Promise<LoginView> {
    const user = await this.people.findByEmail(email);
    const isRight = await verifyPassword(user?.passwordHash, password);
    if (!user || !isRight) throw new ProblemError('wrong-credentials');

    const all = user.memberships.map(({ tenant }) => tenant);
    const [tenant, ...others] = slug === undefined ? all : all.filter((each) => each.slug === slug);
    if (!tenant) throw new ProblemError('wrong-credentials');
    if (others.length > 0) throw new ProblemError('tenant-choice-required', { tenants: all.map(({ slug }) => slug) });
    return this.#enterByPassword({ userId: user.id, tenantId: tenant.id }, user.passwordHash);
  }

  /** @throws ProblemError session-ended, whatever is wrong with the token, the session or the membership; too-many-requests */
  async refresh(token: string): Promise<LoginView> {
    const { session, generation } = await this.refreshTokens.verify(token);
    await this.attempts.refresh(session.sessionId);
    // Read before the token is used up: if PostgreSQL is away, the client still has one that is good.
    const grant = await this.people.findGrant(session);
    if (!grant) {
      await this.sessions.end(session);
      throw new ProblemError('session-ended');
    }
    return this.#answer(session, grant, await this.sessions.refresh(session, generation));
  }

  /** @throws ProblemError not-found for a tenant that the person cannot enter, or that is none */
  async switchTenant(slug: string): Promise<LoginView> {
    const { identity } = this.context;
    const tenantId = await this.people.findTenantId(identity.userId, slug);
    if (tenantId === undefined) throw notFound();
    const owner = { userId: identity.userId, tenantId };
    return this.#enter(owner, () => this.people.findGrant(owner), notFound(), identity);
  }

  /**
   * Ends every session of the person, and opens one anew for who did it.
   * @throws ProblemError wrong-credentials; too-many-requests
   */
  changePassword(change: ChangePassword): Promise<LoginView> {
    return this.attempts.changePassword(() => this.#changePassword(change));
  }

  async #changePassword({ current_password: current, new_password: next }: ChangePassword): Promise<LoginView> {
    const { userId, tenantId } = this.context;
    const oldHash = await this.people.findPasswordHash(userId);
    const isRight = await verifyPassword(oldHash, current);
    if (oldHash === undefined || !isRight) throw new ProblemError('wrong-credentials');
    const newHash = await hashPassword(next);
    // Before the commit, so that there is no new password with old sessions; and after it, for who logged in between.
    const endSessions = () => this.sessions.endEverywhere();
    const isChanged = await this.people.changePassword(userId, oldHash, newHash, endSessions);
    if (!isChanged) throw new ProblemError('wrong-credentials');
    await endSessions();
    return this.#enterByPassword({ userId, tenantId }, newHash);
  }

  #enterByPassword(owner: TenantUser, passwordHash: string): Promise<LoginView> {
    const findGrant = () => this.people.findGrant(owner, passwordHash);
    return this.#enter(owner, findGrant, new ProblemError('wrong-credentials'));
  }

  async #enter(
    owner: TenantUser,
    findGrant: () => Promise<Grant | null>,
    refusal: ProblemError,
    predecessor?: SessionName,
  ): Promise<LoginView> {
    const readGrant = async () => {
      const grant = await findGrant();
      if (!grant) throw refusal;
      return grant;
    };
    const { session, grant } = await this.sessions.start(owner, readGrant, { predecessor });
    return this.#answer(session, grant);
  }

  async #answer(session: SessionName, { role, tenant }: Grant, generation = 1): Promise<LoginView> {
    return {
      access_token: await this.accessTokens.issue({ ...session, role }),
      token_type: 'Bearer',
      expires_in: this.accessTokens.lifetimeSeconds,
      refresh_token: await this.refreshTokens.issue(session, generation),
      tenant,
    };
  }
}
