import pg from 'pg';
import type { DatabaseUrls } from '../../../scripts/database/database-urls.js';
import { asAdmin } from '../admin.js';
import type { DatabaseAddress } from '../database/tenant-access.js';
import { markedTenantId } from '../marked-tenants.js';
import { makeDatabase, removeDatabases } from '../own-database.js';

export interface GrowthDatabase {
  readonly urls: DatabaseUrls;
  /** For one operation at a time; without isolation as the superuser, whom no policy binds. */
  readonly address: DatabaseAddress;
  readonly tenantIds: readonly string[];
  /** As PostgreSQL prints it. */
  readonly size: string;
  /** Of the server. */
  readonly sharedBuffers: string;
}

/** Of each tenant: project 1, 2, 3, … */
export const projectsPerTenant = 20;

export const nameOf = (number: number, tenantId: string): string => `Project ${String(number)} of ${tenantId}`;

const namePrefix = 'bench_growth_';

/** A database of its own for each number of tenants, made and migrated as the application's is. */
export async function createGrowthDatabases(sizes: readonly number[]): Promise<readonly GrowthDatabase[]> {
  const databases: GrowthDatabase[] = [];
  for (const size of sizes) databases.push(await createDatabase(size));
  // Now, and not in the middle of a round.
  await asAdmin((client) => client.query('CHECKPOINT'));
  return databases;
}

/** Also those of a run that was killed. */
export const removeGrowthDatabases = (): Promise<void> => removeDatabases(namePrefix);

async function createDatabase(tenants: number): Promise<GrowthDatabase> {
  const urls = await makeDatabase(`${namePrefix}${String(tenants)}`);
  const address = { applicationUrl: urls.DATABASE_URL, unisolatedUrl: urls.ADMIN_DATABASE_URL, connections: 1 };
  return { urls, address, ...(await fill(urls.ADMIN_DATABASE_URL, tenants)) };
}

async function fill(
  connectionString: string,
  tenants: number,
): Promise<Pick<GrowthDatabase, 'tenantIds' | 'size' | 'sharedBuffers'>> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    // No triggers: checking each row's foreign keys would take longer than adding it.
    await client.query('SET session_replication_role = replica');
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO tenants (id, slug, name)
       SELECT ${markedTenantId}, 'tenant-' || n, 'Tenant ' || n
         FROM generate_series(1, $1::integer) AS n
       RETURNING id`,
      [tenants],
    );
    // Everybody's first project, then everybody's second: as time leaves them, and not each tenant's side by side.
    for (let number = 1; number <= projectsPerTenant; number++) {
      await client.query(
        `INSERT INTO projects (tenant_id, number, name, description)
         SELECT id, $1::integer, 'Project ' || $1 || ' of ' || id, repeat('x', 60) FROM tenants`,
        [number],
      );
    }
    await client.query('VACUUM (ANALYZE) tenants, projects');
    const facts = await client.query<{ size: string; sharedBuffers: string }>(
      `SELECT pg_size_pretty(pg_database_size(current_database())) AS size, current_setting('shared_buffers') AS "sharedBuffers"`,
    );
    const [{ size, sharedBuffers } = { size: '', sharedBuffers: '' }] = facts.rows;
    return { tenantIds: rows.map(({ id }) => id), size, sharedBuffers };
  } finally {
    await client.end();
  }
}
