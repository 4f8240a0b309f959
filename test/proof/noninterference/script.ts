import fc from 'fast-check';
import { owners, type Owner } from '../owners.js';

/** One thing that one of the two tenants does. */
export interface Step {
  readonly who: 'A' | 'B';
  /** A route by its name in owners.ts, or one of what happens without being asked for. */
  readonly does: string;
  /** Of whatever it names that is counted in its tenant. */
  readonly number: number;
  /** B names A's user, session and conversation. */
  readonly isForeign: boolean;
}

/** Of the tenant's whose step it is. */
export const cacheExpires = '(cache expires)';
/** In both worlds: until then no job is done, and then all are, of whichever tenant. */
export const workerComes = '(the worker comes)';
/** When the worker comes next: it has jobs, too. */
export const canaryLooks = '(the canary looks)';

/**
 * Not drawn: what takes the time of a password, and says nothing that `switch` and `refresh` do not; and the alarm,
 * which is the operator's, and rings for everybody.
 */
const isDrawn = ([name, { isAlarm }]: [string, Owner]) =>
  !isAlarm && name !== 'POST /api/auth/login' && name !== 'POST /api/auth/password';

/** What each of the two may do. */
export interface Deeds {
  readonly A: readonly string[];
  readonly B: readonly string[];
}

const routes = Object.entries(owners)
  .filter(isDrawn)
  .map(([name]) => name);

export const everything: Deeds = {
  A: [...routes, cacheExpires, workerComes, workerComes],
  B: [...routes, cacheExpires, canaryLooks],
};

export function script(deeds: Deeds, maxLength: number): fc.Arbitrary<Step[]> {
  const step = (who: Step['who']) =>
    fc.record({
      who: fc.constant(who),
      does: fc.constantFrom(...deeds[who]),
      number: fc.integer({ min: 1, max: 3 }),
      isForeign: fc.boolean(),
    });
  return fc.array(fc.oneof(step('A'), step('B')), { minLength: 1, maxLength, size: 'max' });
}

const steps = (who: Step['who'], ...deeds: string[]): Step[] =>
  deeds.map((does) => ({ who, does, number: 1, isForeign: false }));

/** So that there is something from the beginning. */
export const prologue: readonly Step[] = (['A', 'B'] as const).flatMap((who) =>
  steps(who, 'POST /api/projects', 'POST /api/projects/:project/tasks', 'POST /api/reports'),
);

/** So that at the end no job waits. */
export const epilogue: readonly Step[] = steps('A', workerComes, 'GET /api/reports');
