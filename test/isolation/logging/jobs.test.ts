import { randomUUID } from 'node:crypto';
import { setStage, until, type QueueStage } from '../queue/stage.js';
import type { WorkerProcess } from '../queue/worker-process.js';
import { recordsOf, type LogRecord } from './records.js';

let stage: QueueStage;
let worker: WorkerProcess;
beforeAll(async () => {
  stage = await setStage();
}, 120_000);
afterAll(() => stage.close());

interface AcceptedRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly session_id: string;
}

const records = () => recordsOf(worker.log().match(/.*\n/g) ?? []);

it('of two tenants’ jobs at the same time, each record is of the tenant, user and session whose job it is', async () => {
  const { acme, globex } = stage.world;
  const range = { from: '2026-01-01', to: '2026-12-31' };
  for (let round = 0; round < 8; round++)
    await Promise.all([acme.admin, globex.admin, acme.member].map((person) => person.post('/api/reports', range)));
  const rows = await stage.query<AcceptedRow>('SELECT id, tenant_id, user_id, session_id FROM outbox');
  expect(rows).toHaveLength(24);
  // One of each tenant's fails, and says so: its report is not there any more.
  await stage.query('DELETE FROM reports WHERE number = 1');
  worker = await stage.startWorker({ LOG_LEVEL: 'debug' });
  const isJob = ({ context }: LogRecord) => context === 'JobWorker';
  await until(async () => (await stage.waitingJobs()) === 0);
  await until(() =>
    Promise.resolve(
      new Set(
        records()
          .filter(isJob)
          .map(({ requestId }) => requestId),
      ).size === 24,
    ),
  );

  for (const { id, tenant_id: tenantId, user_id: userId, session_id: sessionId } of rows) {
    const own = records().filter(({ requestId }) => requestId === id);
    expect(own.length).toBeGreaterThan(0);
    for (const record of own) expect(record).toMatchObject({ tenantId, userId, sessionId, job: 'build-report' });
  }
  expect(
    new Set(
      records()
        .filter(isJob)
        .map(({ outcome }) => outcome),
    ),
  ).toContain('done');
});

it('a job that nobody has signed belongs to nobody: an id of its own, no tenant, and what it said is not in the log', async () => {
  const canary = randomUUID();
  const payload = JSON.stringify({ msg: canary, tenantId: stage.world.acme.id });
  await stage.redis.hset(`queue:jobs:${canary}`, { name: canary, data: payload, opts: '{}', timestamp: '1' });
  const bull = await stage.redis.lpush('queue:jobs:wait', canary);
  expect(bull).toBeGreaterThan(0);
  await stage.redis.zadd('queue:jobs:marker', 0, '0');
  await until(() => Promise.resolve(records().some(({ outcome }) => outcome === 'refused')));
  const refused = records().filter(({ outcome }) => outcome === 'refused');
  for (const record of refused) {
    expect(record).toMatchObject({ scope: 'unauthenticated', requestId: expect.any(String), subject: canary });
    expect(record).not.toHaveProperty('tenantId');
  }
  expect(worker.log().replaceAll(`"subject":"${canary}"`, '')).not.toContain(canary);
});

it('the worker says nothing outside a job but of listed scopes, and ends with its lines written', async () => {
  expect(await worker.stop()).toBe(0);
  const unowned = records().filter(({ tenantId, requestId }) => tenantId === undefined && requestId === undefined);
  expect(unowned.length).toBeGreaterThan(0);
  const scopes = new Set(unowned.map(({ scope }) => scope));
  expect([...scopes].filter((scope) => !['boot', 'dispatcher', 'transport'].includes(String(scope)))).toEqual([]);
});
