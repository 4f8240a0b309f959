// DATABASE: tenants' rows, behind row-level security bound below Prisma.
// Without it: one forgotten WHERE, one raw query, one batched read, and a tenant reads another's rows.
// Guarantee: no statement leaves the pool without its tenant and a proof of it, in the same flight;
// PostgreSQL checks the proof, and roles that could pass by the policies are refused at boot.
// Proof: test/isolation/database
export { DatabaseModule } from './database.module.js';
export { databaseProblem, isDatabaseAway, problemOf, reportRefusal } from './database-errors.js';
export { DatabaseHealth } from './database-health.js';
export { DatabaseNotifications } from './database-notifications.js';
export { SystemContext, type SystemTransaction, type SystemWork } from './system-context.js';
export { TenantDatabase, type TenantTransaction } from './tenant-database.js';
