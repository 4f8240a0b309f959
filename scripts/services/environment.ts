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

type Secrets = Record<
  'POSTGRES' | 'MIGRATOR' | 'APP' | 'SYSTEM' | 'JWT_SECRET' | 'TENANT_PROOF_KEY' | 'CACHE_ENVELOPE_KEY',
  string
>;

/**
 * Brings up everything the application needs, migrated: the servers that the environment names, or
 * local ones on free ports.
 * @param lifetime 'run': data is deleted at the end; 'kept': data survives, one run at a time
 */
export async function startEnvironment(name: string, lifetime: 'run' | 'kept'): Promise<Environment> {
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
    const urls = givenDatabaseUrls() ?? (await startDatabase(directory, secrets, lifetime === 'kept', stops));
    const redisUrl = process.env['REDIS_URL'] ?? (await startCache(directory, stops));
    const variables = {
      JWT_SECRET: secrets.JWT_SECRET,
      CACHE_ENVELOPE_KEY: secrets.CACHE_ENVELOPE_KEY,
      TENANT_PROOF_KEY: secrets.TENANT_PROOF_KEY,
      ...definedOf(['JWT_SECRET', 'CACHE_ENVELOPE_KEY', 'TENANT_PROOF_KEY']),
      ...urls,
      REDIS_URL: redisUrl,
    };
    await migrate(variables.MIGRATION_DATABASE_URL, variables.TENANT_PROOF_KEY);
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
): Promise<DatabaseUrls> {
  const postgres = await startPostgres(directory, secrets.POSTGRES, durable);
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

async function startCache(directory: string, stops: (() => Promise<void> | void)[]): Promise<string> {
  const redis = await startRedis(directory);
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
  const secret = () => randomBytes(32).toString('base64url');
  return {
    POSTGRES: secret(),
    MIGRATOR: secret(),
    APP: secret(),
    SYSTEM: secret(),
    JWT_SECRET: secret(),
    TENANT_PROOF_KEY: secret(),
    CACHE_ENVELOPE_KEY: secret(),
  };
}

function definedOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
