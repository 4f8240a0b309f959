import { Global, Injectable, Module, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import { ProblemError } from '../../../src/common/errors.js';
import { isBelow, type Role, type TenantIdentity } from '../../../src/isolation/context/index.js';
import { AccessTokenStrategy } from '../../../src/isolation/http/access-token.js';
import { MinimumRole, Public } from '../../../src/isolation/http/index.js';
import { LimitsModule, TenantPace } from '../../../src/isolation/limits/index.js';
import { Sessions, SessionsModule } from '../../../src/isolation/sessions/index.js';

/** A request that the guard has let pass. */
export interface AuthenticatedRequest {
  readonly id: string;
  readonly user: TenantIdentity;
}

/** AccessGuard, except that it fills no context: who asks stays on the request, where Passport puts it. */
@Injectable()
class TokenGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: Sessions,
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
    const minimum = this.reflector.getAllAndOverride<Role | undefined>(MinimumRole, targets) ?? 'viewer';
    if (isBelow(identity.role, minimum)) throw new ProblemError('forbidden');
    return true;
  }

  async #authenticate(execution: ExecutionContext): Promise<TenantIdentity> {
    try {
      await super.canActivate(execution);
    } catch (cause) {
      throw new ProblemError('unauthenticated', {}, { cause });
    }
    return execution.switchToHttp().getRequest<AuthenticatedRequest>().user;
  }
}

@Global()
@Module({
  imports: [PassportModule, SessionsModule, LimitsModule],
  providers: [AccessTokenStrategy, { provide: APP_GUARD, useClass: TokenGuard }],
})
export class TokenGuardModule {}
