import type { DatabaseUrls } from '../../scripts/database/database-urls.js';
import { migrate } from '../../scripts/database/migrate.js';
import { provision } from '../../scripts/database/provision.js';
import { asAdmin } from './admin.js';
import { requiredVariable } from './environment.js';

/** Makes and migrates a database as the application's is, beside it. */
export async function makeDatabase(name: string): Promise<DatabaseUrls> {
  const on = (variable: keyof DatabaseUrls): string => {
    const url = new URL(requiredVariable(variable));
    url.pathname = name;
    return url.href;
  };
  const urls: DatabaseUrls = {
    ADMIN_DATABASE_URL: on('ADMIN_DATABASE_URL'),
    MIGRATION_DATABASE_URL: on('MIGRATION_DATABASE_URL'),
    DATABASE_URL: on('DATABASE_URL'),
    SYSTEM_DATABASE_URL: on('SYSTEM_DATABASE_URL'),
  };
  await provision(urls);
  await migrate(urls.MIGRATION_DATABASE_URL, requiredVariable('TENANT_PROOF_KEY'));
  return urls;
}

/** Removes every database whose name begins so. */
export async function removeDatabases(prefix: string): Promise<void> {
  await asAdmin(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
      [prefix],
    );
    for (const { name } of rows) await client.query(`DROP DATABASE ${client.escapeIdentifier(name)} WITH (FORCE)`);
  });
}
