import type { Pace } from './options.js';
import { spread, type CpuUse, type Row, type Verdict } from './report.js';
import { machineMeter, processMeter, type Meter } from './support/meters.js';

export interface Contestant {
  readonly name: string;
  /**
   * One operation, checked: throws when the answer is wrong, which fails the run.
   * @param slot which of the operations in flight this is
   */
  readonly operate: (slot: number) => Promise<void>;
}

export interface Target {
  /** Indices into the contestants. */
  readonly contestant: number;
  readonly against: number;
  readonly atLeast: number;
}

export interface Race {
  readonly contestants: readonly Contestant[];
  readonly inFlight: number;
  readonly targets: readonly Target[];
  /** What to read CPU time from, besides this process and the machine. */
  readonly meters?: readonly Meter[];
}

interface Sample {
  readonly perSecond: number;
  /** By meter. */
  readonly cpu: readonly CpuUse[];
}

/** Part of each sample that is run and not counted: connections reopen, and the collector clears up after the one before. */
const settlingShare = 0.1;

/**
 * Measures operations per second. The contestants take turns, A B C A B C …, so that whatever else
 * the machine does meets them alike; they are compared round by round, for the same reason.
 */
export async function race({ contestants, inFlight, targets, meters = [] }: Race, pace: Pace): Promise<readonly Row[]> {
  const allMeters = [processMeter, ...meters, machineMeter];
  for (const { operate } of contestants) await runFor(pace.warmUpMs, inFlight, operate);
  const samples = contestants.map((): Sample[] => []);
  for (let round = 0; round < pace.rounds; round++) {
    for (const [index, { operate }] of contestants.entries()) {
      await runFor(pace.sampleMs * settlingShare, inFlight, operate);
      samples[index]?.push(await takeSample(pace.sampleMs, inFlight, operate, allMeters));
    }
  }
  const speeds = samples.map((ofOne) => ofOne.map(({ perSecond }) => perSecond));
  const ratios = (index: number, against: number) =>
    (speeds[index] ?? []).map((speed, round) => speed / (speeds[against]?.[round] ?? NaN));
  const verdict = ({ contestant, against, atLeast }: Target): Verdict => {
    const { median } = spread(ratios(contestant, against));
    return { target: `≥ ${String(atLeast)} × ${letter(against)}`, measured: median, isReached: median >= atLeast };
  };
  return contestants.map(({ name }, index) => ({
    contestant: `${letter(index)}  ${name}`,
    unit: 'ops/s',
    ...spread(speeds[index] ?? []),
    ratio: spread(ratios(index, 0)),
    verdicts: targets.filter(({ contestant }) => contestant === index).map(verdict),
    cpu: medianCpu(samples[index] ?? []),
  }));
}

async function takeSample(
  milliseconds: number,
  inFlight: number,
  operate: Contestant['operate'],
  meters: readonly Meter[],
): Promise<Sample> {
  const readMeters = () => Promise.all(meters.map(async ({ read }) => read()));
  const before = await readMeters();
  const { operations, seconds } = await runFor(milliseconds, inFlight, operate);
  const after = await readMeters();
  const cpu = meters.map(({ name }, index): CpuUse => {
    const cpuSeconds = (after[index] ?? NaN) - (before[index] ?? NaN);
    return { meter: name, cores: cpuSeconds / seconds, microsecondsPerOperation: (cpuSeconds / operations) * 1e6 };
  });
  return { perSecond: operations / seconds, cpu };
}

/** Keeps `inFlight` operations running; those under way at the end are waited for, and counted with the time they took. */
async function runFor(milliseconds: number, inFlight: number, operate: Contestant['operate']) {
  let operations = 0;
  const start = performance.now();
  const end = start + milliseconds;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, slot) => {
      while (performance.now() < end) {
        await operate(slot);
        operations++;
      }
    }),
  );
  return { operations, seconds: (performance.now() - start) / 1000 };
}

function medianCpu(samples: readonly Sample[]): CpuUse[] {
  const median = (index: number, figure: 'cores' | 'microsecondsPerOperation') =>
    spread(samples.map(({ cpu }) => cpu[index]?.[figure] ?? NaN)).median;
  return (samples[0]?.cpu ?? []).map(({ meter }, index) => ({
    meter,
    cores: median(index, 'cores'),
    microsecondsPerOperation: median(index, 'microsecondsPerOperation'),
  }));
}

/** Of a contestant: how others refer to it. */
export function letter(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}
