import { runNamedTests } from './named-tests.js';
import type { Sabotage } from './sabotage.js';
import { createTemplate, openStage, type Stage } from './stage.js';
import { isGreen, judge, type Outcome } from './verdict.js';

const stagesAtOnce = 2;

/** Makes every sabotage, in its turn; before them, the tests that they name are run as they are. */
export async function attemptAll(
  sabotages: readonly Sabotage[],
  onOutcome: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  await createTemplate();
  const stages = await Promise.all(Array.from({ length: stagesAtOnce }, (_, index) => openStage(index)));
  try {
    const byFile = [...Map.groupBy(sabotages, ({ red }) => red.file)];
    const baseless = new Map((await inTurns(stages, byFile, failingBaselines)).flat());
    return await inTurns(stages, sabotages, async (stage, sabotage) => {
      const began = Date.now();
      const says = baseless.get(sabotage);
      const found = says === undefined ? await attempt(stage, sabotage) : { verdict: 'baseless' as const, says };
      const outcome = { ...sabotage, ...found, seconds: Math.round((Date.now() - began) / 1000) };
      onOutcome(outcome);
      return outcome;
    });
  } finally {
    await Promise.all(stages.map((stage) => stage.close()));
  }
}

/** The sabotages of one file whose tests do not pass while nothing is sabotaged, and what these say. */
async function failingBaselines(
  stage: Stage,
  [file, those]: readonly [string, readonly Sabotage[]],
): Promise<(readonly [Sabotage, string])[]> {
  await stage.set();
  const tests = await runNamedTests(stage, file, [...new Set(those.map(({ red }) => red.title))]);
  return those.flatMap((sabotage) => {
    const own = tests.filter(({ fullName }) => fullName.includes(sabotage.red.title));
    return isGreen(own) ? [] : [[sabotage, judge(own).says] as const];
  });
}

async function attempt(stage: Stage, sabotage: Sabotage): Promise<Pick<Outcome, 'verdict' | 'says'>> {
  await stage.set(sabotage);
  return judge(await runNamedTests(stage, sabotage.red.file, [sabotage.red.title]));
}

/** As many at once as there are stages. The results are in the order of the works. */
async function inTurns<Work, Result>(
  stages: readonly Stage[],
  works: readonly Work[],
  run: (stage: Stage, work: Work) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = works.entries();
  await Promise.all(
    stages.map(async (stage) => {
      for (const [index, work] of waiting) results[index] = await run(stage, work);
    }),
  );
  return results;
}
