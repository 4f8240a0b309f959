/** How much of each property is run: in `npm test` a little, by `npm run prove` a lot, by `--runs` as much as is asked for. */
const counts = {
  noninterference: { short: 6, long: 250, share: 1 },
  // Of a part with several properties `--runs` counts the first, and of what takes longer as many fewer.
  cache: { short: 400, long: 15_000, share: 1 },
  sessions: { short: 60, long: 3_000, share: 0.2 },
  histories: { short: 6, long: 500, share: 0.03 },
} as const;

export type Property = keyof typeof counts;

export const given = (name: string) => (process.env[name] ? Number(process.env[name]) : undefined);

export const isLong = process.env['PROOF_LONG'] === '1';

export function runsOf(property: Property): number {
  const { share, [isLong ? 'long' : 'short']: usual } = counts[property];
  const asked = given('PROOF_RUNS');
  return asked === undefined ? usual : Math.ceil(asked * share);
}

/** For fc.check: the number of runs, and what repeats one that failed; of the other properties there is little then. */
export function repetition(property: Property) {
  // One seed for all parts of a run; a fresh one for each run, so that every run tries something new.
  const seed = given('PROOF_SEED') ?? Date.now() % 2 ** 31;
  const [failed, path] = (process.env['PROOF_PATH'] ?? '').split('/');
  if (path === undefined) return { numRuns: runsOf(property), seed };
  return failed === property ? { numRuns: 1, seed, path, endOnFailure: true } : { numRuns: 1, seed };
}
