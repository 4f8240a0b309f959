import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { projectRoot } from '../../scripts/services/local-directory.js';
import { given, isLong } from './counts.js';
import { record } from './record.js';
import { attemptAll } from './sabotage/attempts.js';
import { catalogue } from './sabotage/catalogue.js';
import { events, keyFiles, macs, read, refusing, registries } from './sabotage/guards.js';
import type { Sabotage } from './sabotage/sabotage.js';
import type { Outcome } from './sabotage/verdict.js';

// That no guard is left out; and, in `npm run prove`, that the test which is named for each turns red without it.

let sabotages: readonly Sabotage[];
beforeAll(async () => {
  sabotages = await catalogue();
});

const sabotagedFiles = () => new Set(sabotages.flatMap(({ breaks }) => ('file' in breaks ? [breaks.file] : [])));
const guards = () => sabotages.map(({ guard }) => guard);

it('each sabotage changes a text that stands in its file once, and names a suite that there is', () => {
  const wrong = sabotages.filter(
    ({ breaks, red }) =>
      !existsSync(join(projectRoot, red.file)) ||
      ('file' in breaks && (read(breaks.file).split(breaks.text).length !== 2 || breaks.text === breaks.replacement)),
  );
  expect(wrong.map(({ guard }) => guard)).toEqual([]);
});

it('each guard is called otherwise than every other', () => {
  expect(guards().toSorted()).toEqual([...new Set(guards())].toSorted());
});

it('every file of a room that refuses anything is sabotaged', () => {
  expect(refusing.length).toBeGreaterThan(20);
  expect(refusing.filter((path) => !sabotagedFiles().has(path))).toEqual([]);
});

it('every alarm is silenced once', () => {
  expect(events.length).toBeGreaterThan(8);
  expect(events.filter((event) => !guards().includes(event))).toEqual([]);
});

it.each([
  ['registry', registries],
  ['MAC', macs],
  ['key', keyFiles],
])('every %s is sabotaged in the file that makes it', (_, files) => {
  expect(files.length).toBeGreaterThan(2);
  expect(files.filter((path) => !sabotagedFiles().has(path))).toEqual([]);
});

it('policies, FORCE and rights are read from the catalogs, each table’s', () => {
  for (const guard of [
    'policy projects.tenant_rows',
    'policy projects.tenant_guard',
    'policy users.login_reads',
    'FORCE users',
    'policies of tasks together',
    'grants: app may not DELETE counters',
  ])
    expect(guards()).toContain(guard);
});

const longestMs = 60 * 60_000;
const line = ({ verdict, seconds, guard, red, says }: Outcome) =>
  `${verdict.padEnd(8)} ${String(seconds).padStart(3)} s  ${guard}  →  ${red.file} "${red.title}"` +
  (verdict === 'red' ? '\n' : `\n         ${says}\n`);

/** With --path, those whose names have one of its parts in them: "cache key,MAC"; with --runs as many, drawn by the seed. */
function choose(): readonly Sabotage[] {
  const parts = (process.env['PROOF_PATH'] ?? '').split(',');
  const named = sabotages.filter(({ guard }) => parts.some((part) => guard.includes(part)));
  const length = Math.min(given('PROOF_RUNS') ?? named.length, named.length);
  const draw = fc.shuffledSubarray(named, { minLength: length, maxLength: length });
  return fc.sample(draw, { seed: given('PROOF_SEED') ?? 0, numRuns: 1 })[0] ?? [];
}

if (isLong)
  it(
    'without its guard, the test that is named for it turns red: nothing survives',
    async () => {
      const outcomes = await attemptAll(choose(), (outcome) => process.stdout.write(line(outcome)));
      const counts = { sabotages: outcomes.length, red: 0, survived: 0, broken: 0, baseless: 0 };
      for (const { verdict } of outcomes) counts[verdict] += 1;
      record({ part: 'sabotage', counts, details: outcomes });
      expect(
        outcomes.filter(({ verdict }) => verdict !== 'red').map(({ guard, verdict }) => `${verdict}: ${guard}`),
      ).toEqual([]);
      expect(outcomes.length).toBeGreaterThan(0);
    },
    longestMs,
  );
