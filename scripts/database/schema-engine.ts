import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine, type MigrationList } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { projectRoot } from '../services/local-directory.js';
import { migrationAdapter } from './migration-adapter.js';

export const migrationsFolder = join(projectRoot, 'prisma/migrations');
/** Tables and enums that exist in the database but not in schema.prisma: none. */
export const filters = { externalTables: [], externalEnums: [] };

const schemaFile = join(projectRoot, 'prisma/schema.prisma');
const schemaFiles = () => [{ path: schemaFile, content: readFileSync(schemaFile, 'utf8') }];

/** Runs `work` on the engine that `prisma migrate` uses; the history table it keeps is the same. */
export async function withSchemaEngine<T>(url: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const adapter = bindMigrationAwareSqlAdapterFactory(migrationAdapter(pool));
  const datamodels = schemaFiles().map(({ path, content }) => [path, content] as [string, string]);
  try {
    return await work(await SchemaEngine.new({ datamodels }, () => undefined, adapter));
  } finally {
    await pool.end();
  }
}

/** The SQL that leads from the live database to schema.prisma; undefined when they agree. */
export async function drift(url: string): Promise<string | undefined> {
  const { exitCode, stdout } = await withSchemaEngine(url, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files: schemaFiles(), configDir: projectRoot },
      to: { tag: 'schemaDatamodel', files: schemaFiles() },
      script: true,
      exitCode: true,
      filters,
    }),
  );
  return exitCode === 0 ? undefined : (stdout ?? '');
}

export function migrationsList(): MigrationList {
  const names = readdirSync(migrationsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  return {
    baseDir: migrationsFolder,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(join(migrationsFolder, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: names.map((path) => {
      const value = readFileSync(join(migrationsFolder, path, 'migration.sql'), 'utf8');
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
    }),
  };
}
