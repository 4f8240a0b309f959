// CONTEXT: who acts, and in which tenant.
// Without it: tenant ids travel as arguments, and the one call that forgets or mixes them up leaks.
// Guarantee: set once per execution from a verified token, frozen, and an error to read when absent.
// Proof: test/isolation/context
export { ContextAlreadySetError, MissingTenantError } from './errors.js';
export { ContextModule } from './context.module.js';
export { enterSystemWork, runningSystemWork } from './system-work.js';
export {
  currentScope,
  isBelow,
  memberRoles,
  roles,
  TenantContext,
  type MemberRole,
  type Role,
  type TenantIdentity,
  type TenantUser,
} from './tenant-context.js';
