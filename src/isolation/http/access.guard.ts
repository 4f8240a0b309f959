import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ProblemError } from '../../common/errors.js';
import { roles, TenantContext, type Role, type TenantIdentity } from '../context/index.js';
import { MinimumRole, Public } from './access.decorators.js';

/** The one place where a tenant is chosen: from a verified token, for every route that does not say `@Public`. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly context: TenantContext,
  ) {
    super();
  }

  override async canActivate(execution: ExecutionContext): Promise<boolean> {
    const targets = [execution.getHandler(), execution.getClass()];
    if (this.reflector.getAllAndOverride<string | undefined>(Public, targets) !== undefined) return true;
    this.context.fill(await this.#authenticate(execution));
    const minimum = this.reflector.getAllAndOverride<Role | undefined>(MinimumRole, targets) ?? 'viewer';
    if (roles.indexOf(this.context.role) < roles.indexOf(minimum)) throw new ProblemError('forbidden');
    return true;
  }

  /** Whatever a token makes the libraries throw, it is not a token of ours. */
  async #authenticate(execution: ExecutionContext): Promise<TenantIdentity> {
    try {
      await super.canActivate(execution);
    } catch (cause) {
      throw new ProblemError('unauthenticated', {}, { cause });
    }
    return execution.switchToHttp().getRequest<{ user: TenantIdentity }>().user;
  }
}
