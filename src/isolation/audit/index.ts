// AUDIT: what a guard refused, told to somebody.
// Without it: a leak answers HTTP 200, and the first alarm is a customer's e-mail.
// Guarantee: every guard reports what it refuses here; each report is counted and logged.
// Proof: the attack suites of the other rooms assert their events.
export { AuditModule } from './audit.module.js';
export {
  SecurityEvents,
  seenByCanary,
  violations,
  type Layer,
  type SecurityEvent,
  type ViolationOf,
} from './security-events.js';
