import { sabotagesOf } from '../sabotage.js';

export const limits = sabotagesOf('src/isolation/limits', 'test/isolation/limits', [
  [
    'pace: what is too fast is refused',
    'tenant-pace.ts',
    'if (waitMs > longestWaitMs) throw tooManyRequests(waitMs);',
    '',
    'pace',
    'one that floods is told to come back',
  ],
  [
    'pace: what is over the rate waits',
    'tenant-pace.ts',
    'if (waitMs > 0) await sleep(waitMs);',
    '',
    'pace',
    'what is over the rate waits behind its own tenant',
  ],
  [
    'pace: it is the tenant’s own',
    'tenant-pace.ts',
    'this.#onTimeAt.get(tenantId) ?? now, now)',
    'Math.max(0, ...this.#onTimeAt.values()), now)',
    'pace',
    'the other is served all along',
  ],
  [
    'attempts: they are counted',
    'attempts.ts',
    'for (const counter of counters) await this.#count(counter);',
    '',
    'attempts',
    'can be guessed at ten times from one address',
  ],
  [
    'event limits/too many attempts',
    'attempts.ts',
    "this.events.record({ layer: 'limits', kind: 'too many attempts', subject: limiter.keyPrefix });",
    'void 0;',
    'attempts',
    'can be guessed at ten times from one address',
  ],
  [
    'attempts: keys are MACs',
    'attempts.ts',
    'new Mac(`limits|${JWT_SECRET}`);',
    '{ of: (text: string) => text + JWT_SECRET.slice(0, 0) } as unknown as Mac;',
    'attempts',
    'nothing of it tells an e-mail or an address',
  ],
]);
