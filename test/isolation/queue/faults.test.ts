import { ReportsService } from '../../../src/features/reports/reports.service.js';
import { jobs } from '../../../src/isolation/queue/index.js';
import { startOwnPostgres, type OwnPostgres } from '../../support/own-postgres.js';
import { variable, withPostgres } from '../../support/postgres.js';
import { setStage, until, type QueueStage } from './stage.js';
import type { WorkerProcess } from './worker-process.js';

let postgres: OwnPostgres;
let stage: QueueStage;
let worker: WorkerProcess;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  stage = await setStage(postgres);
  worker = await stage.startWorker();
}, 120_000);
afterAll(() => stage.close());

let days = 0;
/** A day that no request had before: a result that is cached is not computed, and waits for no lock. */
const nextRange = () => {
  const day = new Date(Date.UTC(2000, 0, 1 + days++)).toISOString().slice(0, 10);
  return { from: day, to: day };
};
const tenants = () => [stage.world.acme, stage.world.globex];

/** In the application, not over HTTP: sessions are on the Redis that these tests take away. */
async function request(each: number): Promise<string[]> {
  const accepted: string[] = [];
  for (let time = 0; time < each; time++) {
    for (const { id, admin } of tenants()) {
      const { number } = await admin.run(() => stage.testApp.get(ReportsService).request(nextRange()));
      accepted.push(`${id} ${String(number)}`);
    }
  }
  return accepted;
}

/** Every accepted job has had its effect, once, and every report shows its own tenant. */
async function expectDoneOnce(accepted: readonly string[]): Promise<void> {
  await until(async () => (await stage.waitingJobs()) === 0);
  const effects = (await stage.effects()).map(({ tenant_id, number }) => `${tenant_id} ${String(number)}`);
  expect(effects.filter((effect) => accepted.includes(effect)).toSorted()).toEqual(accepted.toSorted());
  for (const { id, marker } of tenants()) {
    const results = await stage.query<{ status: string; result: unknown }>(
      'SELECT status, result FROM reports WHERE tenant_id = $1',
      [id],
    );
    expect(results.length).toBeGreaterThan(0);
    const others = tenants().filter((tenant) => tenant.id !== id);
    for (const { status, result } of results) {
      const text = JSON.stringify(result);
      expect([status, text.includes(marker), others.some((other) => text.includes(other.marker))]).toEqual([
        'done',
        true,
        false,
      ]);
    }
  }
}

/** Jobs that begin meanwhile get as far as the tasks that they are to count, and wait there, while `work` is done. */
async function whileJobsWaitHalfway(accept: () => Promise<string[]>, work: () => Promise<void>): Promise<string[]> {
  return withPostgres(variable('ADMIN_DATABASE_URL'), async (holder) => {
    holder.on('error', () => undefined); // its server may be taken away
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE');
    const accepted = await accept();
    await until(async () => {
      const waiting = await stage.query(
        "SELECT FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'",
      );
      return waiting.length > 0;
    });
    await work();
    return accepted;
  });
}

it('a worker is killed in the middle of jobs: another does them, once', async () => {
  const accepted = await whileJobsWaitHalfway(
    () => request(4),
    () => worker.kill(),
  );
  worker = await stage.startWorker();
  await expectDoneOnce(accepted);
});

it('a worker that is told to stop ends the jobs that it has begun, and exits with 0', async () => {
  const before = (await stage.effects()).length;
  let stopping: Promise<number | null> | undefined;
  const accepted = await whileJobsWaitHalfway(
    () => request(1),
    () => {
      stopping = worker.stop();
      return Promise.resolve();
    },
  );
  expect(await stopping).toBe(0);
  expect((await stage.effects()).length).toBeGreaterThan(before);
  worker = await stage.startWorker();
  await expectDoneOnce(accepted);
});

it('Redis is killed under load, and comes back: every job that was accepted is done, once', async () => {
  const before = await request(50);
  stage.killRedis();
  const meanwhile = await request(20);
  expect(worker.isRunning()).toBe(true);
  await stage.startRedisAgain();
  const after = await request(5);
  await expectDoneOnce([...before, ...meanwhile, ...after]);
  expect(worker.isRunning()).toBe(true);
});

it('Redis loses everything: what was accepted is handed on again', async () => {
  const accepted = await request(50);
  await stage.redis.flushall();
  await expectDoneOnce(accepted);
});

it('PostgreSQL crashes under load, and recovers: every job that was accepted is done, once', async () => {
  const accepted = await request(50);
  // One killed process makes the server end all others and recover from its log.
  const checkpointer = async () => {
    const sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
    return (await stage.query<{ pid: number }>(sql))[0]?.pid;
  };
  const victim = await checkpointer();
  if (victim === undefined) throw new Error('PostgreSQL has no checkpointer.');
  process.kill(victim, 'SIGKILL');
  // Another one: before, a query might still get through to the server that is about to go down.
  await until(() =>
    checkpointer().then(
      (pid) => pid !== undefined && pid !== victim,
      () => false,
    ),
  );
  await expectDoneOnce(accepted);
  expect(worker.isRunning()).toBe(true);
});

it('PostgreSQL is away for longer than all attempts of a job would last: no attempt is used up', async () => {
  const accepted = await whileJobsWaitHalfway(
    () => request(2),
    () => postgres.shutDown(),
  );
  // A job that had failed for good would be gone, and without PostgreSQL nobody hands it on again.
  const counts = async (field: 'ats' | 'atm') => {
    const keys = (await stage.redis.keys('queue:jobs:*')).filter((key) => /:[\w-]{43}$/.test(key));
    return (await Promise.all(keys.map((key) => stage.redis.hget(key, field)))).map(Number);
  };
  await until(async () => (await counts('ats')).some((starts) => starts > jobs.buildReport.attempts));
  expect((await counts('atm')).filter((attempts) => attempts > 0)).toEqual([]);
  await postgres.startAgain();
  await expectDoneOnce(accepted);
});

it('two workers on one queue do every job once', async () => {
  const second = await stage.startWorker();
  await expectDoneOnce(await request(100));
  expect(await second.stop()).toBe(0);
});

it('a worker that starts while Redis is away waits for it, and works then', async () => {
  await worker.stop();
  stage.killRedis();
  worker = await stage.startWorker();
  const accepted = await request(2);
  await stage.startRedisAgain();
  await expectDoneOnce(accepted);
});

it('a job whose attempts all fail ends as a failed report, and is not tried again', async () => {
  await stage.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON reports FOR EACH ROW WHEN (new.status = 'done') EXECUTE FUNCTION refuse()`);
  const [accepted = ''] = await request(1);
  await until(async () => (await stage.waitingJobs()) === 0);
  await stage.query('DROP TRIGGER refuse ON reports');
  const [id, number] = accepted.split(' ');
  const [report] = await stage.query('SELECT status, result FROM reports WHERE tenant_id = $1 AND number = $2', [
    id,
    number,
  ]);
  expect(report).toEqual({ status: 'failed', result: null });
  expect(await stage.query('SELECT DISTINCT failure FROM outbox')).toEqual([{ failure: 'attempts-exhausted' }]);
});
