import { Canary, type Finding } from '../../../src/isolation/canary/index.js';
import { CanaryTenants } from '../../../src/isolation/canary/canary-tenants.js';
import { QueueProbe } from '../../../src/isolation/canary/probes/queue.probe.js';
import { startOwnPostgres, type OwnPostgres } from '../../support/own-postgres.js';
import { startOwnRedis, type OwnRedis } from '../../support/own-redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { setStage, until, type QueueStage } from '../queue/stage.js';

// Servers of its own, which this suite takes away, and two processes' worth of the application. No worker at first.
let cacheRedis: OwnRedis;
let postgres: OwnPostgres;
let stage: QueueStage;
let other: TestApp;
let canary: Canary;
beforeAll(async () => {
  process.env['CANARY_PROBE_TIMEOUT_MS'] = '5000'; // for as long it waits for a worker that is not there
  cacheRedis = await startOwnRedis('REDIS_URL', false);
  postgres = await startOwnPostgres();
  stage = await setStage(postgres);
  other = await startTestApp();
  canary = stage.testApp.get(Canary);
});
afterAll(async () => {
  await other.close();
  await stage.close();
  await cacheRedis.stop();
});

const outcomes = (findings: readonly Finding[]) =>
  Object.fromEntries(
    findings.map(({ layer, probe, outcome }) => [probe.includes('search') ? 'search' : layer, outcome]),
  );
const allOk = {
  database: 'ok',
  search: 'ok',
  cache: 'ok',
  sessions: 'ok',
  memory: 'ok',
  storage: 'ok',
  queue: 'ok',
  realtime: 'ok',
};
const health = () => stage.world.anonymous.get('/health/isolation');

it('processes that start at the same moment agree on the two tenants', async () => {
  const pairs = await Promise.all(
    [stage.testApp, other, stage.testApp, other].map((each) => each.get(CanaryTenants).pair()),
  );
  const secrets = pairs.map((pair) => pair.map(({ secret }) => secret));
  expect(new Set(secrets.map(String)).size).toBe(1);
  expect(new Set(secrets[0]).size).toBe(2);
  expect(await stage.query("SELECT slug FROM tenants WHERE slug LIKE 'canary%'")).toHaveLength(2);
});

it('without a worker the queue is unknown: neither fine nor an alarm, and few jobs wait for one', async () => {
  expect(outcomes(await canary.run())).toEqual({ ...allOk, queue: 'unknown' });
  const { status, json } = await health();
  expect([status, json.status, json.unknown]).toEqual([
    200,
    'unknown',
    [{ layer: 'queue', probe: 'what a job runs as', outcome: 'unknown' }],
  ]);
  await canary.run();
  const [pending] = await stage.query("SELECT count(*)::int FROM tasks WHERE title = 'pending'");
  expect(pending).toEqual({ count: 4 }); // each tenant's first look of each run
  const [tenant] = await stage.testApp.get(CanaryTenants).pair();
  const look = (number: number) =>
    stage.testApp
      .get(QueueProbe)
      .look({ number, signal: AbortSignal.timeout(10) })
      .catch(() => undefined);
  for (let number = 1; number <= 20; number++) await stage.testApp.get(CanaryTenants).as(tenant, () => look(number));
  const [bounded] = await stage.query(
    "SELECT max(count)::int AS most FROM (SELECT count(*) FROM tasks WHERE title = 'pending' GROUP BY tenant_id)",
  );
  expect(bounded).toEqual({ most: 12 });
});

it('two processes that look at the same moment, with a worker in a third: each finds all well', async () => {
  await stage.startWorker();
  await until(async () => (await stage.waitingJobs()) === 0);
  for (let run = 0; run < 3; run++) {
    const both = await Promise.all([canary.run(), other.get(Canary).run()]);
    expect(both.map(outcomes)).toEqual([allOk, allOk]);
  }
  expect((await health()).json.status).toBe('ok');
});

it('while PostgreSQL or Redis is away nothing is known; afterwards all is well again', async () => {
  await postgres.shutDown();
  expect(outcomes(await canary.run())).toEqual({
    ...allOk,
    database: 'unknown',
    search: 'unknown',
    cache: expect.stringMatching(/^(unknown|ok)$/), // what other looks have cached is still each tenant's own
    storage: 'unknown',
    queue: 'unknown',
  });
  await postgres.startAgain();
  await until(async () => (await canary.run()).every(({ outcome }) => outcome === 'ok'));
  stage.killRedis();
  expect(outcomes(await canary.run())).toMatchObject({ database: 'ok', sessions: 'unknown', memory: 'unknown' });
  expect((await health()).status).toBe(200);
  await stage.startRedisAgain();
  await until(async () => (await canary.run()).every(({ outcome }) => outcome === 'ok'));
  expect(canary.health).toMatchObject({ status: 'ok', refused: [] });
});

it('by itself it looks at the interval it is given, and ends with the application', async () => {
  expect((await health()).json.status).toBe('ok');
  process.env['CANARY_INTERVAL_SECONDS'] = '1';
  const scheduled = await startTestApp();
  process.env['CANARY_INTERVAL_SECONDS'] = '0';
  const { status, json } = await stage.world.anonymous.get('/health/isolation');
  expect([status, json.status]).toEqual([200, 'ok']);
  const own = scheduled.get(Canary);
  expect(own.health.status).toBe('unknown'); // nobody has looked yet
  await until(() => Promise.resolve(own.health.status === 'ok'));
  const first = own.health.lastRunAt;
  await until(() => Promise.resolve(own.health.lastRunAt !== first));
  await scheduled.close();
  const last = own.health.lastRunAt;
  expect(await own.run()).toEqual([]);
  expect(own.health.lastRunAt).toBe(last);
});
