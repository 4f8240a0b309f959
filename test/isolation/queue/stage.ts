import { Redis } from 'ioredis';
import type pg from 'pg';
import { startOwnDatabase } from '../../support/own-database.js';
import type { OwnPostgres } from '../../support/own-postgres.js';
import { startOwnRedis } from '../../support/own-redis.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { startWorker, type WorkerProcess } from './worker-process.js';

export interface Effect {
  readonly tenant_id: string;
  readonly number: number;
  readonly status: string;
}

/** A database and a Redis that nobody else uses: an outbox is emptied by whatever worker there is. */
export interface QueueStage {
  readonly testApp: TestApp;
  readonly world: World;
  /** Somebody who has access to Redis. */
  readonly redis: Redis;
  readonly startWorker: (environment?: Record<string, string>) => Promise<WorkerProcess>;
  /** As the superuser. */
  readonly query: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
  /** What jobs have made of reports, committed, in order: a job that is run twice is here twice. */
  readonly effects: () => Promise<Effect[]>;
  /** How many accepted jobs are not done; those that have failed are not among them. */
  readonly waitingJobs: () => Promise<number>;
  readonly deadLetters: () => Promise<{ jobId: string; reason: string }[]>;
  readonly killRedis: () => void;
  readonly startRedisAgain: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param database when the suite takes it away; it is stopped with the stage */
export async function setStage(database?: OwnPostgres): Promise<QueueStage> {
  const own = database ?? (await startOwnDatabase());
  const server = await startOwnRedis('DURABLE_REDIS_URL', true);
  Object.assign(process.env, { JOB_LOCK_SECONDS: '1', JOB_LEASE_SECONDS: '5' });
  const admin = adminUrl();
  const query: QueueStage['query'] = (sql, values) =>
    withPostgres(admin, async (client) => (await client.query(sql, values)).rows as never);
  await query(noteEffects);
  const testApp = await startTestApp();
  const world = await createWorld(testApp);
  const redis = new Redis(server.url);
  redis.on('error', () => undefined);
  const workers: WorkerProcess[] = [];

  return {
    testApp,
    world,
    redis,
    query,
    startWorker: async (environment = {}) => {
      const worker = await startWorker(environment);
      workers.push(worker);
      return worker;
    },
    effects: () => query('SELECT tenant_id, number, status FROM effects ORDER BY id'),
    waitingJobs: async () =>
      Number((await query<{ count: string }>('SELECT count(*) FROM outbox WHERE failed_at IS NULL'))[0]?.count),
    deadLetters: async () =>
      (await redis.lrange('queue:dead-letters', 0, -1)).map((letter) => JSON.parse(letter) as never),
    killRedis: () => server.signal('SIGKILL'),
    startRedisAgain: server.startAgain,
    close: async () => {
      for (const worker of workers) await worker.stop();
      redis.disconnect();
      await testApp.close();
      for (const name of ['JOB_LOCK_SECONDS', 'JOB_LEASE_SECONDS']) Reflect.deleteProperty(process.env, name);
      await server.stop();
      await own.stop();
    },
  };
}

const noteEffects = `
  CREATE TABLE effects (id bigserial, tenant_id uuid, number int, status text);
  CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
  BEGIN
    INSERT INTO public.effects (tenant_id, number, status) VALUES (new.tenant_id, new.number, new.status);
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_effect AFTER UPDATE ON reports FOR EACH ROW EXECUTE FUNCTION note_effect();`;

/** Asks again until it is so; a test that waits in vain is ended by its time-out. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}
