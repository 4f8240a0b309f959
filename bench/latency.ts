import { letter } from './harness.js';
import type { Pace } from './options.js';
import { spread, type Report, type Row, type Verdict } from './report.js';

/** One, checked: throws when the answer is wrong, which fails the run. */
export type Operation = () => Promise<void>;

/** Of one contestant, in microseconds, by round. */
export type Latencies = readonly (readonly number[])[];

const percentiles = { p50: 0.5, p99: 0.99 } as const;

export interface LatencyTarget {
  readonly percentile: keyof typeof percentiles;
  /** Index of the contestant; it is held against the first. */
  readonly contestant: number;
  readonly atMost: number;
}

export interface LatencyComparison {
  readonly title: string;
  readonly setting: Report['setting'];
  readonly contestants: readonly { readonly name: string; readonly latencies: Latencies }[];
  readonly targets: readonly LatencyTarget[];
}

/** Part of each sample that is run and not counted: caches hold the contestant before. */
const settlingShare = 0.1;

/** How long operations take, one at a time. The contestants take turns, A B C A B C …, as in `race`. */
export async function raceLatencies(
  operations: readonly Operation[],
  { warmUpMs, rounds, sampleMs }: Pace,
): Promise<readonly Latencies[]> {
  for (const operate of operations) await latenciesFor(warmUpMs, operate);
  const latencies = operations.map((): number[][] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, operate] of operations.entries()) {
      await latenciesFor(sampleMs * settlingShare, operate);
      latencies[index]?.push(await latenciesFor(sampleMs, operate));
    }
  }
  return latencies;
}

async function latenciesFor(milliseconds: number, operate: Operation): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + milliseconds;
  for (let start = performance.now(); start < end; start = performance.now()) {
    await operate();
    latencies.push((performance.now() - start) * 1000);
  }
  return latencies;
}

/** One report for each percentile. */
export function latencyReports(comparison: LatencyComparison): readonly Report[] {
  return Object.keys(percentiles).map((percentile) =>
    latencyReport(comparison, percentile as keyof typeof percentiles),
  );
}

function latencyReport(
  { title, setting, contestants, targets }: LatencyComparison,
  percentile: LatencyTarget['percentile'],
): Report {
  const figures = contestants.map(({ latencies }) => latencies.map((round) => rank(round, percentiles[percentile])));
  const rows = contestants.map(({ name }, contestant): Row => {
    const own = figures[contestant] ?? [];
    const ratio = spread(own.map((figure, round) => figure / (figures[0]?.[round] ?? NaN)));
    const verdicts = targets
      .filter((target) => target.contestant === contestant && target.percentile === percentile)
      .map(({ atMost }): Verdict => {
        const isReached = ratio.median <= atMost;
        return { target: `≤ ${String(atMost)} × ${letter(0)}`, measured: ratio.median, isReached };
      });
    return { contestant: `${letter(contestant)}  ${name}`, unit: 'µs', ...spread(own), ratio, verdicts };
  });
  const counts = contestants.flatMap(({ latencies }) => latencies.map(({ length }) => length));
  return {
    title: `${title}, ${percentile}`,
    setting: { ...setting, 'operations a sample, at least': Math.min(...counts) },
    rows,
  };
}

/** Nearest rank: the least value that `share` of all do not exceed. */
function rank(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}
