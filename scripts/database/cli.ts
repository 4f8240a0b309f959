// Database chores on the servers that the environment names:
//   npm run db -- <provision | migrate | status | drift | create NAME | seed | tenant …>
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seed } from '../../prisma/seed.js';
import type { DatabaseUrls } from './database-urls.js';
import { migrate } from './migrate.js';
import { provision } from './provision.js';
import { createTenant, passwordFromStandardInput, tenantUsage } from './tenant.js';
import { drift, filters, migrationsFolder, migrationsList, withSchemaEngine } from './schema-engine.js';

const commands: Record<string, (...given: readonly (string | undefined)[]) => Promise<void>> = {
  provision: async () => {
    await provision(process.env as unknown as DatabaseUrls);
    console.log('Roles and database are there.');
  },

  migrate: async () => {
    const applied = await migrate(required('MIGRATION_DATABASE_URL'), required('TENANT_PROOF_KEY'));
    console.log(applied.length === 0 ? 'Nothing to migrate.' : `Applied: ${applied.join(', ')}`);
  },

  status: async () => {
    const { history, failedMigrationNames, editedMigrationNames } = await withSchemaEngine(
      required('MIGRATION_DATABASE_URL'),
      (engine) =>
        engine.diagnoseMigrationHistory({ migrationsList: migrationsList(), optInToShadowDatabase: false, filters }),
    );
    if (history || failedMigrationNames.length > 0 || editedMigrationNames.length > 0) {
      throw new Error(JSON.stringify({ history, failedMigrationNames, editedMigrationNames }, null, 2));
    }
    console.log('The database is at the last migration.');
  },

  drift: async () => {
    const script = await drift(required('MIGRATION_DATABASE_URL'));
    if (script !== undefined) throw new Error(`schema.prisma and the migrated database differ by:\n${script}`);
    console.log('schema.prisma and the migrated database agree.');
  },

  create: async (name) => {
    if (!name) throw new Error('Name the migration: npm run migration -- add_invoices');
    const script = await drift(required('MIGRATION_DATABASE_URL'));
    if (script === undefined) {
      console.log('schema.prisma and the database agree: there is nothing to migrate.');
      return;
    }
    const folder = join(migrationsFolder, `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'migration.sql'), `${script.trimEnd()}\n`);
    console.log(`Wrote ${folder}/migration.sql. A new table also needs its policies and grants: see CONTRIBUTING.md.`);
  },

  seed: async () => {
    await seed();
    console.log('Seeded.');
  },

  tenant: async (slug, name, email, ...others) => {
    if (!slug || !name || !email || others.length > 0) throw new Error(tenantUsage);
    console.log(await createTenant(slug, name, email, passwordFromStandardInput));
  },
};

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see .env.example.`);
  return value;
}

const [name = '', ...given] = process.argv.slice(2);
try {
  const command = commands[name];
  if (!command) throw new Error(`Usage: npm run db -- <${Object.keys(commands).join(' | ')}>`);
  await command(...given);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit(); // the schema engine leaves a timer of 10 s behind
