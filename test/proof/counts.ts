/** How much of each part is run: in `npm test` a little, by `npm run prove` a lot, by `--runs` as much as is asked for. */
const counts = {
  noninterference: { short: 8, long: 250 },
  schedules: { short: 400, long: 20_000 },
} as const;

const given = (name: string) => (process.env[name] ? Number(process.env[name]) : undefined);

export const isLong = process.env['PROOF_LONG'] === '1';

/** Runs of a property. */
export function runsOf(part: keyof typeof counts): number {
  return given('PROOF_RUNS') ?? counts[part][isLong ? 'long' : 'short'];
}

/** For fc.assert: the number of runs, and what repeats one that failed. */
export function repetition(part: keyof typeof counts) {
  const path = process.env['PROOF_PATH'];
  // One seed for all parts of a run; a fresh one for each run, so that every run tries something new.
  return {
    numRuns: runsOf(part),
    seed: given('PROOF_SEED') ?? Date.now() % 2 ** 31,
    ...(path ? { path, endOnFailure: true } : {}),
  };
}
