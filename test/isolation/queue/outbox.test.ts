import { randomUUID } from 'node:crypto';
import { TenantDatabase, type TenantTransaction } from '../../../src/isolation/database/index.js';
import { JobHandlers, jobs, JobQueue, type JobHandler } from '../../../src/isolation/queue/index.js';
import { JobEnvelopes } from '../../../src/isolation/queue/job-envelope.js';
import type { Person } from '../../support/world.js';
import { setStage, until, type QueueStage } from './stage.js';

let stage: QueueStage;
beforeAll(async () => {
  stage = await setStage();
}, 120_000);
afterAll(() => stage.close());
afterEach(() => stage.query('DELETE FROM outbox'));

const inTransaction = <T>(person: Person, work: (transaction: TenantTransaction) => Promise<T>) =>
  person.run(() => stage.testApp.get(TenantDatabase).$transaction(work));
const add = (person: Person) =>
  inTransaction(person, (transaction) => stage.testApp.get(JobQueue).add(transaction, jobs.buildReport, { report: 1 }));
const rows = () => stage.query('SELECT tenant_id, user_id, session_id, job, payload FROM outbox ORDER BY created_at');

it('a job has tenant, user and session of whoever adds it, and nothing that they say', async () => {
  const people = [stage.world.acme.admin, stage.world.globex.member];
  for (const person of people) await add(person);
  expect(await rows()).toEqual(
    people.map(({ identity }) => ({
      tenant_id: identity.tenantId,
      user_id: identity.userId,
      session_id: identity.sessionId,
      job: 'build-report',
      payload: { report: 1 },
    })),
  );
});

it('a transaction that is rolled back leaves no job, and one that is committed leaves it', async () => {
  const queue = stage.testApp.get(JobQueue);
  const attempt = (fails: boolean) =>
    inTransaction(stage.world.acme.admin, async (transaction) => {
      await queue.add(transaction, jobs.buildReport, { report: 1 });
      if (fails) throw new Error('rolled back');
    });
  await expect(attempt(true)).rejects.toThrow('rolled back');
  expect(await rows()).toEqual([]);
  await attempt(false);
  expect(await rows()).toHaveLength(1);
});

it('a transaction of one tenant takes no job of another, not even of somebody who belongs to both', async () => {
  const { acme, globex } = stage.world;
  const { userId } = globex.admin.identity;
  const { email } = globex.admin;
  await stage.query(
    `INSERT INTO memberships (tenant_id, user_id, email, name, role) VALUES ($1, $2, $3, 'of both', 'admin')`,
    [acme.id, userId, email],
  );
  const queue = stage.testApp.get(JobQueue);
  const smuggle = (victim: Person) =>
    inTransaction(globex.admin, (transaction) =>
      victim.run(() => queue.add(transaction, jobs.buildReport, { report: 1 })),
    );
  const asMemberOfBoth = { ...globex.admin.identity, tenantId: acme.id };
  const both = Object.assign(Object.create(acme.admin) as Person, { identity: asMemberOfBoth });
  await expect(smuggle(acme.admin)).rejects.toMatchObject({ code: 'P2010' });
  await expect(smuggle(both)).rejects.toMatchObject({ code: 'P2010' });
  expect(await rows()).toEqual([]);
  await smuggle(globex.admin);
  expect(await rows()).toHaveLength(1);
});

it('outside a transaction, or without a tenant, there is no way to add a job', async () => {
  const queue = stage.testApp.get(JobQueue);
  const database = stage.testApp.get(TenantDatabase);
  const { admin } = stage.world.acme;
  await expect(admin.run(() => queue.add(database, jobs.buildReport, { report: 1 }))).rejects.toThrow(
    /inside a transaction/,
  );
  await inTransaction(admin, async (transaction) => {
    const add = () => queue.add(transaction, jobs.buildReport, { report: 1 });
    const outside = await new Promise<unknown>((resolve) => {
      process.nextTick(() => void Promise.resolve().then(add).then(resolve, resolve));
    });
    expect(outside).toBeUndefined(); // still in the context: this is the control
  });
  await expect(queue.add({} as TenantTransaction, jobs.buildReport, { report: 1 })).rejects.toThrow(
    /No tenant in this execution/,
  );
});

it('a job that is not in the registry, or a payload that is not its, is refused when it is added', async () => {
  const queue = stage.testApp.get(JobQueue);
  const tries = [
    (transaction: TenantTransaction) => queue.add(transaction, { ...jobs.buildReport }, { report: 1 }),
    (transaction: TenantTransaction) => queue.add(transaction, { ...jobs.buildReport, name: 'other' }, { report: 1 }),
  ];
  for (const attempt of tries) {
    await expect(inTransaction(stage.world.acme.admin, attempt)).rejects.toThrow(/is not registered/);
  }
  for (const payload of [{ report: 0 }, { report: 1, tenantId: stage.world.acme.id }, {}]) {
    const attempt = inTransaction(stage.world.acme.admin, (transaction) =>
      queue.add(transaction, jobs.buildReport, payload as { report: number }),
    );
    await expect(attempt).rejects.toThrow(/report|tenantId/);
  }
  expect(await rows()).toEqual([]);
  await add(stage.world.acme.admin);
  expect(await rows()).toHaveLength(1);
});

it('a handler for a job that is not in the registry is refused', () => {
  const handlers = stage.testApp.get(JobHandlers);
  const handler: JobHandler<unknown> = { handle: () => Promise.resolve(), abandon: () => Promise.resolve() };
  const known = handlers.handlerOf(jobs.buildReport);
  expect(() => handlers.register({ ...jobs.buildReport }, handler)).toThrow(/is not registered/);
  expect(handlers.handlerOf(jobs.buildReport)).toBe(known);
});

it('no tenant reads, changes or removes another’s jobs', async () => {
  const { acme, globex } = stage.world;
  await add(acme.admin);
  const touched = (person: Person) =>
    person.run(async () => {
      const database = stage.testApp.get(TenantDatabase);
      return [
        (await database.$queryRaw<unknown[]>`SELECT id FROM outbox`).length,
        await database.$executeRaw`UPDATE outbox SET run_at = now()`,
        await database.$executeRaw`DELETE FROM outbox`,
      ];
    });
  expect(await touched(globex.admin)).toEqual([0, 0, 0]);
  expect(await touched(acme.admin)).toEqual([1, 1, 1]);
});

it('the dispatcher may read jobs and mark them, under its own name and nothing else', async () => {
  await add(stage.world.acme.admin);
  const asSystem = async (work: string, statement: string) => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: process.env['SYSTEM_DATABASE_URL'] });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query("SELECT set_config('app.system_work', $1, true)", [work]);
      return (await client.query(statement)).rowCount;
    } finally {
      await client.end();
    }
  };
  const mark = 'UPDATE outbox SET dispatched_at = now()';
  expect([await asSystem('dispatch jobs', 'SELECT FROM outbox'), await asSystem('dispatch jobs', mark)]).toEqual([
    1, 1,
  ]);
  expect([await asSystem('login', 'SELECT FROM outbox'), await asSystem('login', mark)]).toEqual([0, 0]);
  for (const statement of [
    'UPDATE outbox SET tenant_id = tenant_id',
    'UPDATE outbox SET payload = payload',
    'DELETE FROM outbox',
    "INSERT INTO outbox (job) VALUES ('planted')",
    'SELECT FROM reports',
    'SELECT FROM projects',
  ]) {
    await expect(asSystem('dispatch jobs', statement)).rejects.toMatchObject({ code: '42501' });
  }
});

it('the id of a job in the queue is that of its tenant, its row and its run', () => {
  const envelopes = new JobEnvelopes('k'.repeat(32), 'jobs', 60);
  const [tenantId, row] = [randomUUID(), randomUUID()];
  const job = {
    tenantId,
    row,
    run: 1,
    userId: randomUUID(),
    sessionId: randomUUID(),
    job: 'build-report',
    payload: {},
  };
  const idOf = (changes: object) => envelopes.seal({ ...job, ...changes }).jobId;
  expect(idOf({})).toBe(idOf({ userId: randomUUID() }));
  expect(new Set([{}, { tenantId: row }, { row: tenantId }, { run: 2 }].map(idOf)).size).toBe(4);
});

it('jobs of two tenants that have the same id are two jobs, and both are done', async () => {
  const worker = await stage.startWorker({ JOB_LEASE_SECONDS: '600' }); // which would send a lost one again
  const tenants = [stage.world.acme, stage.world.globex];
  const before = (await stage.effects()).length;
  for (const { admin } of tenants) {
    await admin.run(() =>
      stage.testApp.get(TenantDatabase).report.create({
        data: { requestedBy: admin.identity.userId, fromDate: new Date('2026-01-01'), toDate: new Date('2026-01-31') },
      }),
    );
  }
  await stage.query(
    `INSERT INTO outbox (tenant_id, id, user_id, session_id, job, payload)
     SELECT tenant_id, '00000000-0000-4000-8000-000000000001', requested_by, gen_random_uuid(), 'build-report',
            jsonb_build_object('report', number)
       FROM reports`,
  );
  await until(async () => (await stage.waitingJobs()) === 0);
  const done = (await stage.effects()).slice(before).map(({ tenant_id }) => tenant_id);
  expect(done.toSorted()).toEqual(tenants.map(({ id }) => id).toSorted());
  await worker.stop();
});

it('a job for later, and a repeated one, run when they are due, as whoever added them', async () => {
  const worker = await stage.startWorker();
  const { acme, globex } = stage.world;
  const queue = stage.testApp.get(JobQueue);
  const before = (await stage.effects()).length;
  for (const { admin } of [acme, globex]) await admin.post('/api/reports', { from: '2026-01-01', to: '2026-01-31' });
  await until(async () => (await stage.effects()).length === before + 2);
  const runAt = new Date(Date.now() + 1500);
  await inTransaction(acme.admin, (transaction) =>
    queue.add(transaction, jobs.buildReport, { report: 1 }, { runAt, repeatEverySeconds: 1 }),
  );
  await inTransaction(globex.admin, (transaction) =>
    queue.add(transaction, jobs.buildReport, { report: 1 }, { runAt }),
  );
  await until(async () => (await stage.effects()).length >= before + 6);
  const [times] = await stage.query<{ early: string }>(
    'SELECT count(*) AS early FROM reports WHERE number = 1 AND finished_at < $1',
    [runAt],
  );
  expect(times?.early).toBe('0');
  const later = (await stage.effects()).slice(before + 2).map(({ tenant_id }) => tenant_id);
  expect(later.filter((tenant) => tenant === globex.id)).toHaveLength(1);
  expect(later.filter((tenant) => tenant === acme.id).length).toBeGreaterThanOrEqual(3);
  expect(await worker.stop()).toBe(0);
});
