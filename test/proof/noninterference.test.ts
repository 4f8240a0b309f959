import fc from 'fast-check';
import pg from 'pg';
import { adminUrl } from '../support/postgres.js';
import { rawRedis } from '../support/redis.js';
import { startTestApp } from '../support/test-app.js';
import { repetition } from './counts.js';
import { leaks } from './noninterference/leaks.js';
import { everything, prologue, script, type Step } from './noninterference/script.js';
import { nothing, transcriptOfA, type Between, type Deployment } from './noninterference/world.js';
import { record } from './record.js';

let deployment: Deployment;
beforeAll(async () => {
  const database = new pg.Client(adminUrl());
  await database.connect();
  deployment = { testApp: await startTestApp(), database, cache: rawRedis() };
});
afterAll(async () => {
  await deployment.testApp.close();
  await deployment.database.end();
  deployment.cache.disconnect();
});

/** What A is told while B does nothing, and while B acts. */
async function bothWorlds(steps: readonly Step[], makeBetween: () => Between): Promise<[string[], string[]]> {
  const alone = await transcriptOfA(
    deployment,
    steps.filter(({ who }) => who === 'A'),
    makeBetween(),
  );
  return [alone, await transcriptOfA(deployment, steps, makeBetween())];
}

it('whatever another tenant does, a tenant is told the same: bodies, headers, numbers, counts, errors', async () => {
  const { numRuns, seed, ...repeated } = repetition('noninterference');
  let told = 0;
  const property = fc.asyncProperty(script(everything, 24), async (steps) => {
    const [alone, beside] = await bothWorlds([...prologue('A'), ...prologue('B'), ...steps], () => nothing);
    told += alone.length;
    expect(beside).toEqual(alone);
  });
  const result = await fc.check(property, { numRuns, seed, ...repeated });
  if (result.failed) {
    const path = result.counterexamplePath ?? '';
    throw new Error(
      `B is seen by A. Again: npm run prove -- noninterference --seed ${String(result.seed)} --path ${path}\n` +
        `${JSON.stringify(result.counterexample, null, 1)}\n${String(result.errorInstance)}`,
    );
  }
  expect(told).toBeGreaterThan(numRuns);
  record({
    part: 'noninterference',
    counts: { 'pairs of worlds': result.numRuns, 'answers compared': told, seed },
  });
});

/** A few routes, so that it is soon found, and soon shrunk. */
const ofProjects = everything.filter((name) => /^(GET|POST) \/api\/projects(\/:number)?$/.test(name));

describe('the check fails, and says by which few steps, when', () => {
  it.each(Object.entries(leaks))(
    '%s',
    async (_, makeLeak) => {
      const property = fc.asyncProperty(script(ofProjects, 6), async (steps) => {
        const [alone, beside] = await bothWorlds(steps, makeLeak);
        return JSON.stringify(beside) === JSON.stringify(alone);
      });
      const { failed, counterexample } = await fc.check(property, { numRuns: 100, seed: 1041 });
      expect(failed).toBe(true);
      const [steps = []] = counterexample ?? [];
      expect(steps.map(({ who }) => who)).toContain('B');
      expect(steps.length).toBeLessThanOrEqual(3);
    },
    600_000,
  ); // a shrink is some fifty pairs of worlds
});
