import { startOwnPostgres, type OwnPostgres } from '../../support/own-postgres.js';
import { startOwnRedis, type OwnRedis } from '../../support/own-redis.js';
import { startAppProcess, type AppProcess } from '../../support/app-process.js';
import { withPostgres } from '../../support/postgres.js';
import type { TenantOfWorld } from '../../support/world.js';
import { setStage, until, type QueueStage } from '../../isolation/queue/stage.js';
import { startLoad } from './load.js';

// Two processes of the application and servers of their own, each of which is taken away under load.
let cache: OwnRedis;
let postgres: OwnPostgres;
let stage: QueueStage;
let other: AppProcess;
let tenants: TenantOfWorld[];
beforeAll(async () => {
  process.env['DATABASE_STATEMENT_TIMEOUT_MS'] = '1000';
  cache = await startOwnRedis('REDIS_URL', false);
  postgres = await startOwnPostgres();
  stage = await setStage(postgres);
  other = await startAppProcess();
  tenants = [stage.world.acme, stage.world.globex];
}, 120_000);
afterAll(async () => {
  await other.kill();
  await stage.close();
  await cache.stop();
  delete process.env['DATABASE_STATEMENT_TIMEOUT_MS'];
});

const load = () => startLoad(tenants, () => [stage.testApp.baseUrl, other.baseUrl]);

/** Statements that touch projects wait while `work` is done. */
async function whileProjectsAreLocked(work: () => Promise<void>): Promise<void> {
  await withPostgres(process.env['ADMIN_DATABASE_URL'] ?? '', async (holder) => {
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE projects IN ACCESS EXCLUSIVE MODE');
    await work();
    await holder.query('ROLLBACK');
  });
}
const waiting = () => stage.query("SELECT FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'");

describe('under load, nothing leaks and nothing that was accepted is lost, when', () => {
  it('nothing happens: then everything is accepted', async () => {
    const running = load();
    await running.succeeds(10);
    expect(Object.keys(await running.stop())).toEqual(['200', '201']);
  });

  it('the cache’s Redis is killed, and comes back empty: then everything is accepted, too', async () => {
    const running = load();
    await running.succeeds();
    await cache.kill();
    await running.succeeds();
    await cache.startAgain();
    await running.succeeds();
    expect(Object.keys(await running.stop())).toEqual(['200', '201']);
  });

  it('the Redis of sessions and jobs is killed, and comes back', async () => {
    const running = load();
    await running.succeeds();
    stage.killRedis();
    await until(async () => (await stage.world.acme.admin.get('/api/me')).status === 503);
    await stage.startRedisAgain();
    await running.succeeds();
    expect(Object.keys(await running.stop())).toEqual(['200', '201', '503']);
  });

  it('PostgreSQL is stopped, and starts again', async () => {
    const running = load();
    await running.succeeds();
    await postgres.shutDown();
    await until(async () => (await stage.world.acme.admin.get('/api/search?q=project')).status === 503);
    await postgres.startAgain();
    await running.succeeds();
    expect(Object.keys(await running.stop())).toEqual(['200', '201', '503']);
  });

  it('PostgreSQL crashes, and recovers from its log', async () => {
    const running = load();
    await running.succeeds();
    const sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
    const [checkpointer] = await stage.query<{ pid: number }>(sql);
    process.kill(checkpointer?.pid ?? NaN, 'SIGKILL'); // then the server ends all others
    await until(() =>
      stage.query<{ pid: number }>(sql).then(
        ([next]) => next !== undefined && next.pid !== checkpointer?.pid,
        () => false,
      ),
    );
    await running.succeeds();
    await running.stop();
  });

  it('statements take longer than they may', async () => {
    const running = load();
    await running.succeeds();
    await whileProjectsAreLocked(async () => {
      const answer = await stage.world.acme.admin.get('/api/projects?limit=3');
      expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
    });
    await running.succeeds();
    expect(Object.keys(await running.stop())).toEqual(['200', '201', '503']);
  });

  it('clients hang up while their statements run: the next gets nothing of theirs', async () => {
    const running = load();
    await running.succeeds();
    const aborting = new AbortController();
    await whileProjectsAreLocked(async () => {
      const asked = tenants.flatMap(({ admin, marker }) =>
        ['GET', 'POST'].map((method) =>
          fetch(`${stage.testApp.baseUrl}/api/projects`, {
            method,
            signal: aborting.signal,
            headers: { authorization: `Bearer ${admin.token ?? ''}`, 'content-type': 'application/json' },
            body: method === 'POST' ? JSON.stringify({ name: `${marker} hung up` }) : null,
          }),
        ),
      );
      await until(async () => (await waiting()).length >= asked.length);
      aborting.abort();
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.map(({ status }) => status)).toEqual(asked.map(() => 'rejected'));
    });
    await running.succeeds();
    await running.stop();
  });

  it('a process of the application is killed, and another takes its place', async () => {
    const running = load();
    await running.succeeds();
    await other.kill();
    other = await startAppProcess();
    await running.succeeds();
    expect(Object.keys(await running.stop())).toEqual(['0', '200', '201']);
  });
});
