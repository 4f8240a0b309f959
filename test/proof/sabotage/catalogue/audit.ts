import { sabotagesOf } from '../sabotage.js';

export const audit = sabotagesOf('src', 'test', [
  [
    'audit: an event is counted',
    'isolation/audit/security-events.ts',
    'count: this.count(layer, kind) + 1,',
    'count: 0,',
    'isolation/cache/tampering',
    'another tenant’s entry is a miss and a security event',
  ],
  [
    'audit: an event is logged',
    'isolation/audit/security-events.ts',
    "this.#logger.error({ msg: 'A crossing was refused', layer, kind, subject });",
    '',
    'isolation/cache/tampering',
    'another tenant’s entry is a miss and a security event',
  ],
  [
    'audit: an event is a metric',
    'isolation/audit/security-events.ts',
    'isolationViolations.inc({ layer, kind });',
    '',
    'isolation/logging/metrics',
    'isolation_violations_total counts a crossing',
  ],
]);
