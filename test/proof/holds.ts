import fc from 'fast-check';
import { repetition, type Property } from './counts.js';

/**
 * Checks a property as often as it is to be run.
 * @returns the counts of the record
 * @throws Error with a minimal counterexample, and how it is repeated
 */
export async function holds<T>(
  part: string,
  name: Property,
  property: fc.IAsyncProperty<T>,
): Promise<{ readonly runs: number; readonly seed: number }> {
  const result = await fc.check(property, repetition(name));
  if (!result.failed) return { runs: result.numRuns, seed: result.seed };
  const path = `${name}/${result.counterexamplePath ?? ''}`;
  throw new Error(
    `Again: npm run prove -- ${part} --seed ${String(result.seed)} --path ${path}\n` +
      `${fc.stringify(result.counterexample)}\n${String(result.errorInstance)}`,
  );
}

/**
 * What a property that is wrong is found to be, when it is looked at long enough.
 * @throws Error when it is not found, or cannot be repeated
 */
export async function findingOf<T>(property: fc.IAsyncProperty<T>, seed = 5): Promise<fc.RunDetails<T>> {
  const result = await fc.check(property, { numRuns: 2000, seed });
  if (!result.failed) throw new Error('Nothing was found.');
  const { failed } = await fc.check(property, { numRuns: 1, seed, path: result.counterexamplePath ?? '' });
  if (!failed) throw new Error(`What was found cannot be repeated: ${String(result.errorInstance)}`);
  return result;
}
