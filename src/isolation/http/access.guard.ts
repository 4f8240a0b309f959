import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ProblemError } from '../../common/errors.js';
import { isBelow, TenantContext, type Role, type TenantIdentity } from '../context/index.js';
import { TenantPace } from '../limits/index.js';
import { Sessions } from '../sessions/index.js';
import { Linkable, MinimumRole, Public } from './access.decorators.js';
import { LinkTokens } from './link-token.js';

interface AuthenticatedRequest {
  readonly url: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly user: TenantIdentity;
}

/**
 * The one place where a tenant is chosen: from a verified token of a session that lives, for every route
 * that does not say `@Public`.
 */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly context: TenantContext,
    private readonly sessions: Sessions,
    private readonly links: LinkTokens,
    private readonly pace: TenantPace,
  ) {
    super();
  }

  override async canActivate(execution: ExecutionContext): Promise<boolean> {
    const targets = [execution.getHandler(), execution.getClass()];
    if (this.reflector.getAllAndOverride<string | undefined>(Public, targets) !== undefined) return true;
    const identity = await this.#authenticate(execution);
    await this.pace.waitForTurn(identity);
    await this.sessions.assertAlive(identity);
    this.context.fill(identity);
    const minimum = this.reflector.getAllAndOverride<Role | undefined>(MinimumRole, targets) ?? 'viewer';
    if (isBelow(this.context.role, minimum)) throw new ProblemError('forbidden');
    return true;
  }

  /** Whatever a token makes the libraries throw, it is not a token of ours. */
  async #authenticate(execution: ExecutionContext): Promise<TenantIdentity> {
    const request = execution.switchToHttp().getRequest<AuthenticatedRequest>();
    const isLinkable = this.reflector.get<string | undefined>(Linkable, execution.getHandler()) !== undefined;
    const { link } = request.query;
    try {
      if (isLinkable && link !== undefined) return await this.links.verify(link, request.url.replace(/\?.*$/s, ''));
      await super.canActivate(execution);
    } catch (cause) {
      throw new ProblemError('unauthenticated', {}, { cause });
    }
    return request.user;
  }
}
