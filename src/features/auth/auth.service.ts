import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { ProblemError } from '../../common/errors.js';
import { SystemContext } from '../../isolation/database/index.js';
import { AccessTokens } from '../../isolation/http/index.js';
import type { Login, LoginView } from './login.dto.js';
import { verifyPassword } from '../../common/password.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly system: SystemContext,
    private readonly tokens: AccessTokens,
  ) {}

  /**
   * Wrong password, nobody by that name, a tenant one does not belong to: the same answer, after the same work.
   * @throws ProblemError wrong-credentials; tenant-choice-required, with the tenants to choose from
   */
  async login({ email, password, tenant: slug }: Login): Promise<LoginView> {
    const user = await this.#find(email);
    const isRight = await verifyPassword(user?.passwordHash, password);
    if (!user || !isRight) throw new ProblemError('wrong-credentials');

    const memberships =
      slug === undefined ? user.memberships : user.memberships.filter(({ tenant }) => tenant.slug === slug);
    const [membership, ...others] = memberships;
    if (!membership) throw new ProblemError('wrong-credentials');
    if (others.length > 0) {
      throw new ProblemError('tenant-choice-required', { tenants: memberships.map(({ tenant }) => tenant.slug) });
    }
    const { tenant, role } = membership;
    const identity = { userId: user.id, tenantId: tenant.id, role, sessionId: randomUUID() };
    return {
      access_token: await this.tokens.issue(identity),
      token_type: 'Bearer',
      expires_in: this.tokens.lifetimeSeconds,
      tenant,
    };
  }

  /** The person, with the tenants they may enter now. */
  #find(email: string) {
    return this.system.run('login', (database) =>
      database.user.findFirst({
        where: { email },
        select: {
          id: true,
          passwordHash: true,
          memberships: {
            where: { status: 'active', tenant: { status: 'active' } },
            orderBy: { tenant: { slug: 'asc' } },
            select: { role: true, tenant: { select: { id: true, slug: true, name: true } } },
          },
        },
      }),
    );
  }
}
