// CANARY: two synthetic tenants, looked at through every layer, all the time.
// Without it: whatever the guards do not see answers HTTP 200, and a customer's e-mail is the alarm, 72 hours later.
// Guarantee: within a minute of one of them being shown the other's secret, or no longer its own, there is a
// security event, and /health/isolation fails; nobody else ever sees the two.
// Proof: test/isolation/canary
export { Canary, type CanaryHealth } from './canary.js';
export { CanaryModule } from './canary.module.js';
export { CanaryProbes, type CanaryProbe, type CanaryTurn } from './canary-probes.js';
export { canaryProject, isCanarySlug } from './canary-tenants.js';
export type { Finding, Outcome } from './exercise.js';
