// Takes each guard away, in a copy, and asks that the test named for it turns red: nothing may survive.
// Arguments, when given, choose the sabotages whose guard has one of them in its name.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../../test/proof/sabotage/catalogue.js';
import type { Sabotage } from '../../../test/proof/sabotage/sabotage.js';
import { projectRoot } from '../../services/local-directory.js';
import { runTests } from './jest.js';
import { createTemplate, openStage, type Stage } from './stage.js';
import { isGreen, judge, type Outcome } from './verdict.js';

const stagesAtOnce = 2;

const chosen = process.argv.slice(2);
const sabotages = (await catalogue()).filter(
  ({ guard }) => chosen.length === 0 || chosen.some((part) => guard.includes(part)),
);
if (sabotages.length === 0) throw new Error(`No guard is called ${chosen.join(', ')}.`);

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());

const started = Date.now();
await createTemplate();
const stages = await Promise.all(Array.from({ length: stagesAtOnce }, (_, index) => openStage(index)));
try {
  console.log(`${String(sabotages.length)} guards. First their tests, as they are …`);
  const baselines = await inTurns([...Map.groupBy(sabotages, ({ red }) => red.file)], baseline);
  const withBaseline = new Set(baselines.flat());
  const outcomes = await inTurns(sabotages, (stage, sabotage) => attempt(stage, sabotage, withBaseline.has(sabotage)));
  if (!stopping.signal.aborted) report(outcomes);
} finally {
  await Promise.all(stages.map((stage) => stage.close()));
}

/** The sabotages of one file whose tests pass while nothing is sabotaged. */
async function baseline(stage: Stage, [file, those]: readonly [string, readonly Sabotage[]]): Promise<Sabotage[]> {
  await stage.set();
  const tests = await runTests(stage, file, [...new Set(those.map(({ red }) => red.title))], stopping.signal);
  return those.filter(({ red }) => isGreen(tests.filter(({ fullName }) => fullName.includes(red.title))));
}

async function attempt(stage: Stage, sabotage: Sabotage, hasBaseline: boolean): Promise<Outcome> {
  const began = Date.now();
  const outcome = hasBaseline ? await sabotaged(stage, sabotage) : { verdict: 'baseless' as const, says: '' };
  const seconds = (Date.now() - began) / 1000;
  console.log(
    `${outcome.verdict.padEnd(8)} ${seconds.toFixed(0).padStart(3)} s  ${sabotage.guard}  →  ${sabotage.red.file} "${sabotage.red.title}"`,
  );
  if (outcome.verdict !== 'red' && outcome.says) console.log(`         ${outcome.says}`);
  return { sabotage, ...outcome, seconds };
}

async function sabotaged(stage: Stage, sabotage: Sabotage): Promise<Pick<Outcome, 'verdict' | 'says'>> {
  await stage.set(sabotage);
  return judge(await runTests(stage, sabotage.red.file, [sabotage.red.title], stopping.signal));
}

/** As many at once as there are stages, in order. */
async function inTurns<Work, Result>(
  works: readonly Work[],
  run: (stage: Stage, work: Work) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = works.entries();
  await Promise.all(
    stages.map(async (stage) => {
      for (const [index, work] of waiting) {
        if (stopping.signal.aborted) return;
        results[index] = await run(stage, work);
      }
    }),
  );
  return results;
}

function report(outcomes: readonly Outcome[]): void {
  const directory = join(projectRoot, '.local/proof');
  mkdirSync(directory, { recursive: true });
  const counts = { sabotages: outcomes.length, red: 0, survived: 0, broken: 0, baseless: 0 };
  for (const { verdict } of outcomes) counts[verdict] += 1;
  writeFileSync(
    join(directory, 'sabotage.json'),
    JSON.stringify({ part: 'sabotage', counts, details: outcomes }, null, 2),
  );
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(
    `\n${String(counts.red)} of ${String(counts.sabotages)} guards are missed when they are gone (${seconds} s).`,
  );
  for (const { verdict, sabotage } of outcomes)
    if (verdict !== 'red') console.log(`${verdict.toUpperCase()}  ${sabotage.guard}`);
  process.exitCode = counts.red === outcomes.length ? 0 : 1;
}
