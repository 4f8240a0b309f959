import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { ContextAlreadySetError, MissingTenantError } from './errors.js';

/** What a membership can say. */
export const memberRoles = ['viewer', 'member', 'admin'] as const;
export type MemberRole = (typeof memberRoles)[number];
/** Each may what the ones before it may. A visitor is a member of nothing: the tenant of one is theirs alone, and no table has it. */
export const roles = ['visitor', ...memberRoles] as const;
export type Role = (typeof roles)[number];

export function isBelow(role: Role, minimum: Role): boolean {
  return roles.indexOf(role) < roles.indexOf(minimum);
}

/** Who acts, and in which tenant. */
export interface TenantIdentity {
  /** UUID, lower case. */
  readonly tenantId: string;
  /** UUID, lower case. */
  readonly userId: string;
  readonly role: Role;
  /** UUID of the login this action belongs to. */
  readonly sessionId: string;
}

/** A user in one tenant: in another tenant the same person is another one. */
export type TenantUser = Pick<TenantIdentity, 'tenantId' | 'userId'>;

/** Entered empty at the edge, filled once, then frozen. */
export interface Scope {
  readonly requestId: string;
  /** Its name, if this is one. */
  readonly job?: string | undefined;
  identity?: Readonly<TenantIdentity>;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const scopes = new AsyncLocalStorage<Scope>();

/** For what is said of every execution, be there a tenant or not: records and spans. Undefined outside any scope. */
export function currentScope(): Readonly<Scope> | undefined {
  return scopes.getStore();
}

/**
 * The tenant of the running request, job or test. Any singleton may inject it: the values belong to
 * the asynchronous execution that reads them, so nothing is instantiated per request.
 */
@Injectable()
export class TenantContext {
  get tenantId(): string {
    return this.identity.tenantId;
  }

  get userId(): string {
    return this.identity.userId;
  }

  get role(): Role {
    return this.identity.role;
  }

  get sessionId(): string {
    return this.identity.sessionId;
  }

  /** Set from the first moment of a request on, before anyone is authenticated. Undefined outside any scope. */
  get requestId(): string | undefined {
    return scopes.getStore()?.requestId;
  }

  /** @throws MissingTenantError when no tenant has been entered */
  get identity(): Readonly<TenantIdentity> {
    const identity = scopes.getStore()?.identity;
    if (!identity) throw new MissingTenantError();
    return identity;
  }

  /** Opens an empty scope around `work`: nothing tenant-owned can be reached in it until `fill`. */
  open<T>(requestId: string, work: () => T, job?: string): T {
    return scopes.run({ requestId, job }, work);
  }

  /** A way back into the running scope, for work that loses it on the way (see request-scope.ts). */
  capture(): <T>(work: () => T) => T {
    if (!scopes.getStore()) throw new MissingTenantError();
    // With whatever else belongs to the execution, its trace for one. AsyncLocalStorage.snapshot() does the same with a
    // function that it defines properties on: many times as long, and more garbage (npm run bench -- micro).
    const execution = new AsyncResource('TenantContext');
    return (work) => execution.runInAsyncScope(work);
  }

  /**
   * Says, once and for all, whose scope this is.
   * @throws ContextAlreadySetError when the scope has a tenant already, even the same one
   * @throws MissingTenantError outside any scope
   */
  fill(identity: TenantIdentity): void {
    const scope = scopes.getStore();
    if (!scope) throw new MissingTenantError();
    if (scope.identity) throw new ContextAlreadySetError();
    if (!uuid.test(identity.tenantId) || !uuid.test(identity.userId))
      throw new TypeError('Tenant and user must be UUIDs.');
    const { tenantId, userId, role, sessionId } = identity;
    scope.identity = Object.freeze({ tenantId, userId, role, sessionId });
  }

  /**
   * Runs `work` as `identity`: the door for workers, scripts and tests. What `work` returns is awaited
   * inside, because a Prisma promise does nothing until it is awaited, and belongs to who awaits it.
   * @param requestId of a job, the id of its row
   */
  run<T>(identity: TenantIdentity, requestId: string, work: () => T | PromiseLike<T>, job?: string): Promise<T> {
    const filled = async () => {
      this.fill(identity);
      return await work();
    };
    return this.open(requestId, filled, job);
  }
}
