import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provision } from '../../scripts/database/provision.js';
import { startPostgres } from '../../scripts/services/embedded-postgres.js';
import { migrateQuickly, type OwnDatabase } from './own-database.js';

/** A PostgreSQL of one suite's own, for suites that take it away. */
export interface OwnPostgres extends OwnDatabase {
  readonly shutDown: () => Promise<void>;
  /** On the same port, with what it had. */
  readonly startAgain: () => Promise<void>;
}

/** Starts one, with a migrated database, and points the environment's variables to it until it is stopped. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'project-1041-postgres-'));
  chmodSync(directory, 0o755); // PostgreSQL does not run as root
  let server = await startPostgres(directory, 'own', true);
  const { port } = server;
  const url = (role: string) => `postgresql://${role}:own@127.0.0.1:${String(port)}/own`;
  const urls = {
    ADMIN_DATABASE_URL: url('postgres'),
    MIGRATION_DATABASE_URL: url('migrator'),
    DATABASE_URL: url('app'),
    SYSTEM_DATABASE_URL: url('system'),
  };
  const shared = Object.keys(urls).map((name) => [name, process.env[name]]);
  const stop = async () => {
    Object.assign(process.env, Object.fromEntries(shared));
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await provision(urls);
    await migrateQuickly(urls.MIGRATION_DATABASE_URL);
  } catch (error) {
    await stop();
    throw error;
  }
  Object.assign(process.env, urls);
  return {
    shutDown: () => server.stop(),
    startAgain: async () => {
      server = await startPostgres(directory, 'own', true, port);
    },
    stop,
  };
}
