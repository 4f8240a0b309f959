import { setTimeout as sleep } from 'node:timers/promises';

export interface SteadyRate {
  readonly perSecond: number;
  /** More than these are not under way at once: what is due then is left out. */
  readonly atMostUnderWay: number;
}

/**
 * Asks at a steady rate until the signal, whether or not earlier answers have come: who waits for
 * them would ask a slow server less often, and so not see how slow it is.
 * @throws Error the first that `ask` rejects with
 */
export async function atSteadyRate(
  { perSecond, atMostUnderWay }: SteadyRate,
  signal: AbortSignal,
  ask: (count: number) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  const underWay = new Set<Promise<unknown>>();
  let failure: unknown;
  const begin = (count: number): void => {
    const asking: Promise<unknown> = ask(count)
      .catch((error: unknown) => (failure ??= error))
      .finally(() => underWay.delete(asking));
    underWay.add(asking);
  };
  let count = 0;
  while (!signal.aborted && failure === undefined) {
    for (const due = ((performance.now() - start) / 1000) * perSecond; count < due; count++)
      if (underWay.size < atMostUnderWay) begin(count);
    await sleep(1);
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure as Error;
}
