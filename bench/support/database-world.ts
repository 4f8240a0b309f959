import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { asAdmin } from './admin.js';
import { requiredVariable } from './environment.js';

export interface DatabaseWorld {
  readonly tenantIds: readonly string[];
  /** Connects as a role that no policy applies to. */
  readonly unisolatedUrl: string;
  readonly remove: () => Promise<void>;
}

const role = 'bench_unisolated';
const tenantsOfTheBenchmark = `slug LIKE 'bench-database-%'`;

/** Many tenants, each with projects 1, 2, 3, …, and a role that sees them all. */
export async function createDatabaseWorld(tenants: number, projectsPerTenant: number): Promise<DatabaseWorld> {
  const password = randomBytes(16).toString('hex');
  const tenantIds = await asAdmin(async (client) => {
    await removeWorld(client); // that of a run that was killed
    await client.query(`CREATE ROLE ${role} LOGIN BYPASSRLS PASSWORD '${password}'`);
    await client.query(`GRANT CONNECT ON DATABASE ${client.escapeIdentifier(client.database ?? '')} TO ${role}`);
    await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    await client.query(`GRANT SELECT ON projects TO ${role}`);
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO tenants (slug, name) SELECT 'bench-database-' || n, 'Tenant ' || n FROM generate_series(1, $1::integer) AS n
       RETURNING id`,
      [tenants],
    );
    await client.query(
      `INSERT INTO projects (tenant_id, number, name, description)
       SELECT id, n, 'Project ' || n, repeat('x', 60) FROM tenants, generate_series(1, $1::integer) AS n
        WHERE ${tenantsOfTheBenchmark}`,
      [projectsPerTenant],
    );
    await client.query('VACUUM (ANALYZE) projects'); // now, and not by itself in the middle of a round
    return rows.map(({ id }) => id);
  });
  const url = new URL(requiredVariable('DATABASE_URL'));
  url.username = role;
  url.password = password;
  return { tenantIds, unisolatedUrl: url.href, remove: () => asAdmin(removeWorld) };
}

async function removeWorld(client: pg.Client): Promise<void> {
  await client.query(`DELETE FROM tenants WHERE ${tenantsOfTheBenchmark}`);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) return;
  await client.query(`DROP OWNED BY ${role}`);
  await client.query(`DROP ROLE ${role}`);
}
