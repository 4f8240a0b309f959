import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { variable } from '../../support/postgres.js';
import type { Sabotage } from './sabotage.js';
import { openDatabase } from '../../../scripts/database/provision.js';
import { projectRoot } from '../../../scripts/services/local-directory.js';
import { startRedis } from '../../../scripts/services/local-redis.js';

const template = 'sabotage_template';
const notCopied = new Set(['node_modules', '.git', '.local', 'dist']);

/** A copy of the project with a database and Redis of its own: what is sabotaged in one cannot turn a test of another red. */
export interface Stage {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** An empty Redis, a fresh database, and the project as it is, less the guard. */
  readonly set: (sabotage?: Sabotage) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Call it before anything uses the database: a database that is in use cannot be copied. */
export async function createTemplate(): Promise<void> {
  await asAdmin('postgres', async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${template}`);
    await admin.query(`CREATE DATABASE ${template} TEMPLATE ${applicationDatabase()}`);
  });
}

export async function openStage(number: number): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), `project-1041-sabotage-${String(number)}-`));
  cpSync(projectRoot, directory, {
    recursive: true,
    filter: (path) => !notCopied.has(relative(projectRoot, path).split(sep)[0] ?? ''),
  });
  symlinkSync(join(projectRoot, 'node_modules'), join(directory, 'node_modules'));
  const database = `sabotage_${String(number)}`;
  const redis = await Promise.all(
    ['cache', 'durable'].map((name) => startRedis(join(directory, '.local', name), false)),
  );
  const [REDIS_URL = '', DURABLE_REDIS_URL = ''] = redis.map(({ url }) => url);
  let restore: () => void = () => undefined;

  return {
    directory,
    environment: {
      ...inDatabase(database, ['DATABASE_URL', 'SYSTEM_DATABASE_URL', 'MIGRATION_DATABASE_URL']),
      REDIS_URL,
      DURABLE_REDIS_URL,
      STORAGE_DIRECTORY: join(directory, '.local/files'),
    },
    set: async (sabotage) => {
      restore();
      for (const url of [REDIS_URL, DURABLE_REDIS_URL]) await empty(url);
      await asAdmin('postgres', async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
        await admin.query(`CREATE DATABASE ${database} TEMPLATE ${template}`);
        await openDatabase(admin, database);
      });
      if (!sabotage) return;
      const { breaks } = sabotage;
      if ('sql' in breaks) await asAdmin(database, (admin) => admin.query(breaks.sql));
      else restore = replace(join(directory, breaks.file), breaks.text, breaks.replacement);
    },
    close: async () => {
      await Promise.all(redis.map(({ stop }) => stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** @returns what puts the file back */
function replace(path: string, text: string, replacement: string): () => void {
  const whole = readFileSync(path, 'utf8');
  if (whole.split(text).length !== 2) throw new Error(`Not once in ${path}: ${text}`);
  writeFileSync(
    path,
    whole.replace(text, () => replacement),
  );
  return () => writeFileSync(path, whole);
}

async function empty(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
}

function inDatabase(database: string, names: readonly string[]): Record<string, string> {
  const moved = (url: string) => Object.assign(new URL(url), { pathname: database }).href;
  return Object.fromEntries(names.map((name) => [name, moved(variable(name))]));
}

async function asAdmin(database: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const connectionString = Object.assign(new URL(variable('ADMIN_DATABASE_URL')), { pathname: database }).href;
  const client = new pg.Client({ connectionString });
  await client.connect();
  await work(client).finally(() => client.end());
}

function applicationDatabase(): string {
  return new URL(variable('DATABASE_URL')).pathname.slice(1);
}
