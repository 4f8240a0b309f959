import fc from 'fast-check';

/** In which order awaits end. */
export const anyOrder: fc.Arbitrary<number> = fc.noShrink(fc.nat());

/**
 * The scheduler that ends them in this order. Not drawn as fast-check's scheduler itself: copies of that, which shrinking
 * makes, go on where the copy before them has stopped, and so a shrunk failure could not be repeated.
 */
export function schedulerOf(
  order: number,
  act = (work: () => Promise<void>): Promise<unknown> => work(),
): fc.Scheduler {
  const [scheduler] = fc.sample(fc.scheduler({ act }), { seed: order, numRuns: 1 });
  if (!scheduler) throw new Error('There is no scheduler.');
  return scheduler;
}

/** @throws Error with what was wrong, and the order in which it came about */
export function expectNothing(wrong: readonly string[], scheduler: fc.Scheduler): void {
  if (wrong.length > 0) throw new Error([...wrong, fc.stringify(scheduler)].join('\n'));
}
