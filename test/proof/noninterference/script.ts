import fc from 'fast-check';
import { owners, type Owner } from '../owners.js';

/** One thing that one of the two tenants does. */
export interface Step {
  readonly who: 'A' | 'B';
  /** A route by its name in owners.ts, or what is not asked for: that the tenant's cache expires. */
  readonly does: string;
  /** Of whatever it names that is counted in its tenant. */
  readonly number: number;
  /** B names A's user, session and conversation. */
  readonly isForeign: boolean;
}

export const cacheExpires = '(cache expires)';

/**
 * Not drawn: what takes the time of a password, and says nothing that `switch` and `refresh` do not; and the alarm,
 * which is the operator's, and rings for everybody.
 */
const isDrawn = ([name, { isAlarm }]: [string, Owner]) =>
  !isAlarm && name !== 'POST /api/auth/login' && name !== 'POST /api/auth/password';

export const everything: readonly string[] = [
  ...Object.entries(owners)
    .filter(isDrawn)
    .map(([name]) => name),
  cacheExpires,
];

export function script(deeds: readonly string[], maxLength: number): fc.Arbitrary<Step[]> {
  const step = fc.record({
    who: fc.constantFrom('A' as const, 'B' as const),
    does: fc.constantFrom(...deeds),
    number: fc.integer({ min: 1, max: 3 }),
    isForeign: fc.boolean(),
  });
  return fc.array(step, { minLength: 1, maxLength, size: 'max' });
}

/** So that there is something from the beginning. */
export const prologue = (who: Step['who']): Step[] =>
  ['POST /api/projects', 'POST /api/projects/:project/tasks'].map((does) => ({
    who,
    does,
    number: 1,
    isForeign: false,
  }));
