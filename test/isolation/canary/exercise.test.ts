import type { CanaryProbe, CanaryTurn } from '../../../src/isolation/canary/canary-probes.js';
import type { CanaryTenant } from '../../../src/isolation/canary/canary-tenants.js';
import { exercise } from '../../../src/isolation/canary/exercise.js';

// Layers that leak in one way each, as small as they can be: every kind of look is there for one of them.
const tenant = (name: string): CanaryTenant => ({
  identity: { tenantId: name, userId: 'same', sessionId: 'same', role: 'member' },
  secret: `secret of ${name}`,
});
const pair = [tenant('a'), tenant('b')] as const;
const [a, b] = pair;

/** One look: who looks, at what number, for the how-manieth time. */
interface Look {
  readonly asker: CanaryTenant;
  readonly number: number;
  readonly isAgain: boolean;
}

async function outcomeOf(answer: (look: Look) => Promise<string> | string, signal = new AbortController().signal) {
  const asked = new Set<string>();
  let asker = a;
  const probe: CanaryProbe = {
    layer: 'cache',
    name: 'a layer of this test',
    look: ({ number }: CanaryTurn) => {
      const look = { asker, number, isAgain: asked.has(`${asker.secret} ${String(number)}`) };
      asked.add(`${asker.secret} ${String(number)}`);
      return Promise.resolve(answer(look));
    },
  };
  const as = <T>(each: CanaryTenant, work: () => Promise<T>) => {
    asker = each;
    return work(); // which reads it before anything is awaited
  };
  const isOutage = (error: unknown) => String(error).includes('outage');
  return (await exercise(probe, { pair, as, signal, isOutage })).outcome;
}
const otherOf = (asker: CanaryTenant) => (asker === a ? b : a);

it('a layer that shows each tenant its own, always, is ok', async () => {
  expect(await outcomeOf(({ asker }) => asker.secret)).toBe('ok');
});

it.each([
  [a, b],
  [b, a],
])('found: what $0.secret was shown first is then shown to the other', async (first, second) => {
  const shown = new Map<number, string>();
  const outcome = outcomeOf(({ asker, number, isAgain }) => {
    if (isAgain) return asker.secret;
    if (asker === first && !shown.has(number)) shown.set(number, asker.secret);
    return asker === second ? (shown.get(number) ?? asker.secret) : asker.secret;
  });
  expect(await outcome).toBe('foreign');
});

it('found: two loads of the same moment are one, and nothing else is ever shared', async () => {
  const flights = new Map<number, Promise<string>>();
  const outcome = outcomeOf(({ asker, number, isAgain }) => {
    if (isAgain) return asker.secret;
    const flight = flights.get(number) ?? new Promise<string>((land) => setImmediate(() => land(asker.secret)));
    flights.set(number, flight);
    return flight.finally(() => flights.delete(number));
  });
  expect(await outcome).toBe('foreign');
});

it('found: what is shown the second time is the other’s', async () => {
  expect(await outcomeOf(({ asker, isAgain }) => (isAgain ? otherOf(asker) : asker).secret)).toBe('foreign');
});

it('the worst of all looks counts: an outage, an error and one’s own secret hide no foreign one', async () => {
  let looks = 0;
  const answers = ['outage', 'error', 'own', 'foreign'];
  const answer = ({ asker }: Look) => {
    const what = answers[looks++ % answers.length];
    if (what === 'outage' || what === 'error') return Promise.reject(new Error(what));
    return (what === 'own' ? asker : otherOf(asker)).secret;
  };
  expect(await outcomeOf(answer)).toBe('foreign');
  answers.pop();
  expect(await outcomeOf(answer)).toBe('blind');
  answers.splice(1, 1);
  expect(await outcomeOf(answer)).toBe('unknown');
});

it('both secrets at once are a foreign one; neither is blind; no answer in time is unknown', async () => {
  expect(await outcomeOf(() => a.secret + b.secret)).toBe('foreign');
  expect(await outcomeOf(() => 'nothing')).toBe('blind');
  const over = new AbortController();
  const outcome = outcomeOf(() => new Promise<string>(() => over.abort()), over.signal);
  expect(await outcome).toBe('unknown');
});
