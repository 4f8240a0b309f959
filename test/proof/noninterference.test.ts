import fc from 'fast-check';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { WholeModule } from '../isolation/canary/whole.module.js';
import { startOwnDatabase } from '../support/own-database.js';
import { startOwnRedis } from '../support/own-redis.js';
import { adminUrl } from '../support/postgres.js';
import { rawRedis } from '../support/redis.js';
import { startTestApp } from '../support/test-app.js';
import { isLong } from './counts.js';
import { findingOf, holds } from './holds.js';
import { leaks } from './noninterference/leaks.js';
import { epilogue, everything, prologue, script, type Step } from './noninterference/script.js';
import { nothing, transcriptOfA, type Between, type Deployment } from './noninterference/world.js';
import { Worker } from './noninterference/worker.js';
import { record } from './record.js';

// A database, a cache and a Redis for jobs of its own: the worker does whatever jobs there are.
const own: { readonly stop: () => Promise<void> }[] = [];
let jobsRedis: Redis;
let deployment: Deployment;
beforeAll(async () => {
  own.push(await startOwnDatabase());
  for (const name of ['REDIS_URL', 'DURABLE_REDIS_URL'] as const) own.push(await startOwnRedis(name, false));
  const database = new pg.Client(adminUrl());
  await database.connect();
  jobsRedis = rawRedis('DURABLE_REDIS_URL');
  const worker = await Worker.sendAway(jobsRedis, database);
  deployment = { testApp: await startTestApp(WholeModule), database, cache: rawRedis(), worker };
});
afterAll(async () => {
  await deployment.testApp.close();
  await deployment.worker.close();
  await deployment.database.end();
  for (const redis of [deployment.cache, jobsRedis]) redis.disconnect();
  for (const each of own) await each.stop();
});

/** What A is told while B does nothing, and while B acts. */
async function bothWorlds(steps: readonly Step[], makeBetween: () => Between): Promise<[string[], string[]]> {
  const ofA = steps.filter(({ who }) => who === 'A');
  return [await transcriptOfA(deployment, ofA, makeBetween()), await transcriptOfA(deployment, steps, makeBetween())];
}

it('whatever another tenant does, a tenant is told the same: bodies, headers, numbers, counts, errors, jobs, events', async () => {
  let told = 0;
  const property = fc.asyncProperty(script(everything, 24), async (steps) => {
    const [alone, beside] = await bothWorlds([...prologue, ...steps, ...epilogue], () => nothing);
    told += alone.length;
    expect(beside).toEqual(alone);
  });
  const { runs, seed } = await holds('noninterference', 'noninterference', property);
  expect(told).toBeGreaterThan(runs);
  record({ part: 'noninterference', counts: { 'pairs of worlds': runs, 'answers compared': told, seed } });
});

describe('the check fails, and says by which few steps, which can be repeated, when', () => {
  // A short run shows it of the first: a shrink is some fifty pairs of worlds.
  it.each(Object.entries(leaks).slice(0, isLong ? undefined : 1))(
    '%s',
    async (_, { deeds, put, remove }) => {
      const { testApp } = deployment;
      const property = fc.asyncProperty(script(deeds, 6), async (steps) => {
        const [alone, beside] = await bothWorlds(steps, () => put(testApp));
        return JSON.stringify(beside) === JSON.stringify(alone);
      });
      const { counterexample } = await findingOf(property, 1).finally(() => remove?.(testApp));
      const [steps = []] = counterexample ?? [];
      expect(steps.map(({ who }) => who)).toContain('B');
      expect(steps.length).toBeLessThanOrEqual(4);
    },
    600_000,
  );
});
