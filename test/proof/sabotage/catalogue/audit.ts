import { sabotagesOf } from '../sabotage.js';

export const audit = sabotagesOf('src', 'test', [
  [
    'audit: an event is counted',
    'isolation/audit/security-events.ts',
    'this.#counts.set(name, this.count(event.layer, event.kind) + 1);',
    '',
    'isolation/cache/tampering',
    'another tenant’s entry is a miss and a security event',
  ],
  [
    'audit: an event is logged',
    'isolation/audit/security-events.ts',
    'this.#logger.error(JSON.stringify({ ...event, requestId: this.context.requestId }));',
    '',
    'isolation/cache/tampering',
    'another tenant’s entry is a miss and a security event',
  ],
]);
