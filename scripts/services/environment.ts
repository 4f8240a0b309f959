import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrlNames, type DatabaseUrls } from '../database/database-urls.js';
import { migrate } from '../database/migrate.js';
import { provision } from '../database/provision.js';
import { startPostgres } from './embedded-postgres.js';
import { createRunDirectory, isAlive, projectRoot, readOrCreate, removeRunDirectory } from './local-directory.js';
import { startRedis } from './local-redis.js';
import { reachableFolder } from './unprivileged.js';

export interface Environment {
  /** Environment variables under which the application finds its services and secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Stops what was started, in reverse order. Does nothing the second time. */
  readonly stop: () => Promise<void>;
}

/** Variables of the application that are secrets. */
const applicationSecrets = [
  'JWT_SECRET',
  'TENANT_PROOF_KEY',
  'CACHE_ENVELOPE_KEY',
  'JOB_SIGNING_KEY',
  'MEMORY_SEAL_KEY',
  'REALTIME_SEAL_KEY',
  'STORAGE_SEAL_KEY',
  'ETAG_KEY',
] as const;
const secretNames = ['POSTGRES', 'MIGRATOR', 'APP', 'SYSTEM', ...applicationSecrets] as const;
type Secrets = Record<(typeof secretNames)[number], string>;

/**
 * Brings up everything the application needs, migrated: the servers that the environment names, or
 * local ones on free ports. An empty variable names nothing.
 * @param lifetime 'run': data is deleted at the end; 'kept': data survives, one run at a time
 * @param sharedBuffers of a local PostgreSQL, if not PostgreSQL's default
 */
export async function startEnvironment(
  name: string,
  lifetime: 'run' | 'kept',
  sharedBuffers?: string,
): Promise<Environment> {
  const base = reachableFolder(join(projectRoot, '.local'), 'local');
  const directory = lifetime === 'run' ? createRunDirectory(base, name) : claimKeptDirectory(join(base, name));
  const stops: (() => Promise<void> | void)[] = [
    () => {
      if (lifetime === 'run') removeRunDirectory(directory);
      else rmSync(join(directory, 'pid'), { force: true });
    },
  ];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };

  try {
    const secrets = readOrCreate(join(directory, 'secrets.json'), generateSecrets);
    const urls =
      givenDatabaseUrls() ?? (await startDatabase(directory, secrets, lifetime === 'kept', stops, sharedBuffers));
    const variables = {
      STORAGE_DIRECTORY: process.env['STORAGE_DIRECTORY'] || join(directory, 'files'),
      ...Object.fromEntries(applicationSecrets.map((secret) => [secret, process.env[secret] || secrets[secret]])),
      ...urls,
      REDIS_URL: process.env['REDIS_URL'] || (await startRedisFor('cache', directory, false, stops)),
      DURABLE_REDIS_URL:
        process.env['DURABLE_REDIS_URL'] || (await startRedisFor('durable', directory, lifetime === 'kept', stops)),
    };
    await migrate(urls.MIGRATION_DATABASE_URL, process.env['TENANT_PROOF_KEY'] || secrets.TENANT_PROOF_KEY);
    return { variables, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The database that the environment names; undefined when it names none. */
function givenDatabaseUrls(): DatabaseUrls | undefined {
  const given = definedOf([...databaseUrlNames, 'ADMIN_DATABASE_URL']);
  if (Object.keys(given).length === 0) return undefined;
  const missing = [...databaseUrlNames, 'TENANT_PROOF_KEY'].filter((name) => !process.env[name]);
  if (missing.length > 0) {
    throw new Error(
      `A database is named by ${Object.keys(given).join(', ')}, but not completely. Missing: ${missing.join(', ')}. ` +
        'Set them (see .env.example), or none of them to have a local PostgreSQL started.',
    );
  }
  return given as unknown as DatabaseUrls;
}

async function startDatabase(
  directory: string,
  secrets: Secrets,
  durable: boolean,
  stops: (() => Promise<void> | void)[],
  sharedBuffers?: string,
): Promise<DatabaseUrls> {
  const postgres = await startPostgres(directory, secrets.POSTGRES, durable, undefined, sharedBuffers);
  stops.push(postgres.stop);
  const url = (role: string, password: string) =>
    `postgresql://${role}:${password}@127.0.0.1:${String(postgres.port)}/project1041`;
  const urls = {
    ADMIN_DATABASE_URL: url('postgres', secrets.POSTGRES),
    MIGRATION_DATABASE_URL: url('migrator', secrets.MIGRATOR),
    DATABASE_URL: url('app', secrets.APP),
    SYSTEM_DATABASE_URL: url('system', secrets.SYSTEM),
  };
  await provision(urls);
  return urls;
}

async function startRedisFor(
  purpose: 'cache' | 'durable',
  directory: string,
  isPersistent: boolean,
  stops: (() => Promise<void> | void)[],
): Promise<string> {
  const redis = await startRedis(join(directory, `${purpose}-redis`), isPersistent);
  stops.push(redis.stop);
  return redis.url;
}

/** One process at a time may use a folder whose data is kept. */
function claimKeptDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const pidFile = join(directory, 'pid');
  const owner = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : undefined;
  if (owner !== undefined && isAlive(owner)) {
    throw new Error(`Already running (process ${String(owner)}) on the data in ${directory}. Stop it first.`);
  }
  writeFileSync(pidFile, String(process.pid));
  return directory;
}

function generateSecrets(): Secrets {
  const secrets = secretNames.map((name) => [name, randomBytes(32).toString('base64url')]);
  return Object.fromEntries(secrets) as Secrets;
}

function definedOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
