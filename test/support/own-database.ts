import { randomUUID } from 'node:crypto';
import { writeProofKey } from '../../scripts/database/migrate.js';
import { provisionDatabase } from '../../scripts/database/provision.js';
import { migrationsList } from '../../scripts/database/schema-engine.js';
import { variable, withPostgres } from './postgres.js';

const names = ['DATABASE_URL', 'SYSTEM_DATABASE_URL', 'MIGRATION_DATABASE_URL'] as const;

/** A database of one suite's own on the shared server, for suites that run a worker: it does whatever jobs there are. */
export interface OwnDatabase {
  /** Call it when the application is closed. */
  readonly stop: () => Promise<void>;
}

/** Makes one, migrated, and points the environment's variables to it until it is stopped. */
export async function startOwnDatabase(): Promise<OwnDatabase> {
  const database = `own_${randomUUID().replaceAll('-', '')}`;
  const shared = names.map((name) => variable(name));
  const admin = variable('ADMIN_DATABASE_URL');
  const [DATABASE_URL = '', SYSTEM_DATABASE_URL = '', MIGRATION_DATABASE_URL = ''] = shared.map(
    (url) => Object.assign(new URL(url), { pathname: database }).href,
  );
  const own = { DATABASE_URL, SYSTEM_DATABASE_URL, MIGRATION_DATABASE_URL };
  await provisionDatabase({ ...own, ADMIN_DATABASE_URL: admin });
  await migrateQuickly(MIGRATION_DATABASE_URL);
  Object.assign(process.env, own);
  return {
    stop: async () => {
      names.forEach((name, index) => (process.env[name] = shared[index]));
      await withPostgres(admin, (client) => client.query(`DROP DATABASE ${database} WITH (FORCE)`));
    },
  };
}

/** The scripts alone: the engine that keeps their history takes seconds, and leaves a timer behind that jest would wait for. */
export async function migrateQuickly(url: string): Promise<void> {
  await withPostgres(url, async (client) => {
    for (const { migrationFile } of migrationsList().migrationDirectories)
      if (migrationFile.content.tag === 'ok') await client.query(migrationFile.content.value);
  });
  await writeProofKey(url, variable('TENANT_PROOF_KEY'));
}
