import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { EnvelopeSeal } from '../../../src/isolation/cache/envelope.js';
import { RedisStore } from '../../../src/isolation/cache/redis-store.js';
import { Canary, CanaryProbes, type Finding } from '../../../src/isolation/canary/index.js';
import { CanaryTenants, type CanaryTenant } from '../../../src/isolation/canary/canary-tenants.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { MemoryRedis } from '../../../src/isolation/memory/memory-redis.js';
import { MemorySeal } from '../../../src/isolation/memory/memory-seal.js';
import { JobEnvelopes, type AcceptedJob } from '../../../src/isolation/queue/job-envelope.js';
import { SessionStore } from '../../../src/isolation/sessions/index.js';
import { OBJECT_STORE, type ObjectStore } from '../../../src/isolation/storage/object-store.js';
import { variable } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld } from '../../support/world.js';
import { setStage, until, type QueueStage } from '../queue/stage.js';
import { WholeModule } from './whole.module.js';

// Servers of its own: the two tenants are the same for everybody, and here their guards are taken away.
let stage: QueueStage;
let testApp: TestApp;
let canary: Canary;
let a: CanaryTenant;
let b: CanaryTenant;
beforeAll(async () => {
  stage = await setStage();
  testApp = await startTestApp(WholeModule);
  canary = testApp.get(Canary);
  [a, b] = await testApp.get(CanaryTenants).pair();
});
afterAll(async () => {
  await testApp.close();
  await stage.close();
});

const outcomes = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ layer, outcome }) => [layer, outcome]));
const allOk = { database: 'ok', cache: 'ok', sessions: 'ok', memory: 'ok', storage: 'ok', queue: 'ok' };
const health = async () => {
  const { status, json, text } = await stage.world.anonymous.send('GET', '/health/isolation');
  return { status, json, text };
};

/** Puts `double` in the place of a method, as long as `work` lasts. */
async function broken<T extends object, Name extends keyof T>(
  target: T,
  name: Name,
  double: (original: T[Name]) => T[Name],
  work: () => Promise<void>,
): Promise<void> {
  const original = target[name];
  target[name] = double(typeof original === 'function' ? (original.bind(target) as T[Name]) : original);
  try {
    await work();
  } finally {
    target[name] = original;
  }
}

it('with all guards up every layer shows each tenant its own, run after run, beside real traffic', async () => {
  let isOver = false;
  const world = await createWorld(testApp);
  const traffic = (async () => {
    while (!isOver) {
      const answers = await Promise.all([world.acme, world.globex].map(({ admin }) => admin.get('/api/projects/1')));
      expect(answers.map(({ json }) => json.description)).toEqual([world.acme.marker, world.globex.marker]);
    }
  })();
  for (let run = 0; run < 10; run++) expect(outcomes(await canary.run())).toEqual(allOk);
  isOver = true;
  await traffic;
  expect(canary.health).toMatchObject({ status: 'ok', failing: [], refused: [], unknown: [] });
});
