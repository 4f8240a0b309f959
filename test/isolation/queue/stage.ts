import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { provision } from '../../../scripts/database/provision.js';
import { startPostgres } from '../../../scripts/services/embedded-postgres.js';
import { startRedis } from '../../../scripts/services/local-redis.js';
import { withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { startWorker, type WorkerProcess } from './worker-process.js';

export interface Effect {
  readonly tenant_id: string;
  readonly number: number;
  readonly status: string;
}

/** Servers that nobody else uses: an outbox is emptied by whatever worker there is, and some suites take servers away. */
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
  readonly stopPostgres: () => Promise<void>;
  readonly startPostgresAgain: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function setStage(): Promise<QueueStage> {
  const directory = mkdtempSync(join(tmpdir(), 'project-1041-queue-'));
  chmodSync(directory, 0o755);
  const before = { ...process.env };
  let postgres = await startPostgres(directory, 'queue', true);
  let server = await startRedis(directory, true);
  const url = (role: string) => `postgresql://${role}:queue@127.0.0.1:${String(postgres.port)}/queue`;
  const urls = {
    ADMIN_DATABASE_URL: url('postgres'),
    MIGRATION_DATABASE_URL: url('migrator'),
    DATABASE_URL: url('app'),
    SYSTEM_DATABASE_URL: url('system'),
  };
  try {
    await provision(urls);
    Object.assign(process.env, urls, { DURABLE_REDIS_URL: server.url, JOB_LOCK_SECONDS: '1', JOB_LEASE_SECONDS: '5' });
    // As a process of its own: the schema engine leaves a timer behind that would keep jest waiting.
    execFileSync(
      process.execPath,
      ['--import', '@swc-node/register/esm-register', 'scripts/database/cli.ts', 'migrate'],
      { env: process.env },
    );
  } catch (error) {
    await server.stop();
    await postgres.stop();
    throw error;
  }
  const query: QueueStage['query'] = (sql, values) =>
    withPostgres(url('postgres'), async (client) => (await client.query(sql, values)).rows as never);
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
    killRedis: () => spawnSync('kill', ['-KILL', readFileSync(join(directory, 'redis.pid'), 'utf8').trim()]),
    startRedisAgain: async () => {
      server = await startRedis(directory, true, Number(new URL(server.url).port));
    },
    stopPostgres: () => postgres.stop(),
    startPostgresAgain: async () => {
      postgres = await startPostgres(directory, 'queue', true, postgres.port);
    },
    close: async () => {
      for (const worker of workers) await worker.stop();
      redis.disconnect();
      await testApp.close();
      for (const name of ['JOB_LOCK_SECONDS', 'JOB_LEASE_SECONDS']) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
      await server.stop();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
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
