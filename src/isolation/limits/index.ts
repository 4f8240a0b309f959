// LIMITS: what one tenant, or one stranger, may use of what all share.
// Without it: a tenant that asks too often keeps the others waiting; passwords are guessed as fast as they are checked.
// Guarantee: a tenant that is over its rate waits behind itself, before anything is asked for it; logins, refreshes
// and visitors' sessions are counted before they are looked at.
// Proof: test/isolation/limits
export { Attempts } from './attempts.js';
export { LimitsModule } from './limits.module.js';
export { TenantPace } from './tenant-pace.js';
