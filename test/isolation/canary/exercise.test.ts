import type { CanaryProbe, CanaryTurn } from '../../../src/isolation/canary/canary-probes.js';
import type { CanaryTenant } from '../../../src/isolation/canary/canary-tenants.js';
import { exercise, type Stand } from '../../../src/isolation/canary/exercise.js';

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

async function outcomeOf(answer: (look: Look) => Promise<string> | string, signal?: AbortSignal) {
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
  return (await exercise(probe, standOf(as, signal))).outcome;
}

const standOf = (as: Stand['as'], signal = new AbortController().signal): Stand => ({
  pair,
  as,
  signal,
  isOutage: (error: unknown) => String(error).includes('outage'),
});
const otherOf = (asker: CanaryTenant) => (asker === a ? b : a);

it('a layer that shows each tenant its own, always, is ok', async () => {
  expect(await outcomeOf(({ asker }) => asker.secret)).toBe('ok');
});

it.each([
  [a, b],
  [b, a],
])('found: what $0.secret was shown first is then shown to the other', async (first, second) => {
  const shown = new Map<number, string>();
  const outcome = outcomeOf(async ({ asker, number, isAgain }) => {
    if (isAgain) return asker.secret;
    if (asker === second) return shown.get(number) ?? asker.secret;
    await new Promise(setImmediate); // stored after the answer was made: looks of the same moment do not show it
    if (asker === first) shown.set(number, asker.secret);
    return asker.secret;
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
  const outcome = outcomeOf(() => new Promise<string>(() => setImmediate(() => over.abort())), over.signal);
  expect(await outcome).toBe('unknown');
});

describe('what is planted', () => {
  const places: CanaryProbe<string> = {
    layer: 'storage',
    name: 'places of this test',
    plant: (secret) => Promise.resolve(`place of ${secret}`),
    look: ({ own }) => Promise.resolve(own.replace('place of ', '')),
  };
  const plainly: Stand['as'] = (_, work) => work();
  const run = (probe: CanaryProbe<string>) => exercise(probe, standOf(plainly));

  it('is where its tenant looks, and is told to whoever looks where the other’s is', async () => {
    const told = new Set<string>();
    const look = (turn: CanaryTurn<string>) => {
      told.add([turn.own, turn.other].join());
      return places.look(turn);
    };
    expect(await run({ ...places, look })).toEqual({ outcome: 'ok', cause: undefined });
    const [ofA, ofB] = [`place of ${a.secret}`, `place of ${b.secret}`];
    expect(told).toEqual(new Set([`${ofA},${ofB}`, `${ofB},${ofA}`]));
  });

  it('is cleared of all that was looked for, also when that fails', async () => {
    const cleared: [string, number][] = [];
    const looked = new Set<number>();
    const look = (turn: CanaryTurn<string>) => {
      looked.add(turn.number);
      return places.look(turn);
    };
    const clear = (place: string, numbers: readonly number[]) => {
      expect(new Set(numbers)).toEqual(looked);
      cleared.push([place, numbers.length]);
      return Promise.reject(new Error('a defect'));
    };
    expect((await run({ ...places, look, clear })).outcome).toBe('ok');
    expect(cleared).toEqual(pair.map(({ secret }) => [`place of ${secret}`, 3]));
  });

  it.each([
    ['a defect', 'blind'],
    ['an outage', 'unknown'],
  ])('is looked for by nobody when one of the two could not be, which says %s is %s', async (message, outcome) => {
    let looks = 0;
    const cause = new Error(message);
    const plant = (secret: string) => (secret === b.secret ? Promise.reject(cause) : Promise.resolve('a place'));
    const look = () => Promise.resolve(String(looks++));
    expect(await run({ ...places, plant, look })).toEqual({ outcome, cause });
    expect(looks).toBe(0);
  });
});
