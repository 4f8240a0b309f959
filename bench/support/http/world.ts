import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { asAdmin } from '../admin.js';
import { requiredVariable } from '../environment.js';
import { Logins } from '../logins.js';

export interface Tenant {
  readonly slug: string;
  readonly token: string;
}

/** What all servers under test share: one PostgreSQL, one Redis, and in them the same tenants. */
export interface HttpWorld {
  readonly tenants: readonly Tenant[];
  /** Every tenant has a project of each of these numbers, with a name of its own. */
  readonly numbers: readonly number[];
  /** Connects as a role that no policy applies to. */
  readonly unisolatedUrl: string;
  readonly remove: () => Promise<void>;
}

const tenants = 10;
const projectsPerTenant = 1000;
const role = 'bench_http_unisolated';
const tenantsOfTheBenchmark = `slug LIKE 'bench-http-%'`;

export const projectNamed = (number: number, slug: string): string => `Project ${String(number)} of ${slug}`;

export async function createHttpWorld(): Promise<HttpWorld> {
  const password = randomBytes(16).toString('hex');
  // The incident's cache is keyed by number alone, and may hold an earlier run's: these numbers are this run's.
  const firstNumber = 1 + Math.floor(Math.random() * 2_000_000_000);
  const rows = await asAdmin(async (client) => {
    await removeWorld(client); // that of a run that was killed
    await client.query(`CREATE ROLE ${role} LOGIN BYPASSRLS PASSWORD '${password}'`);
    await client.query(`GRANT CONNECT ON DATABASE ${client.escapeIdentifier(client.database ?? '')} TO ${role}`);
    await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    await client.query(`GRANT SELECT ON projects TO ${role}`);
    const inserted = await client.query<{ id: string; slug: string }>(
      `INSERT INTO tenants (slug, name) SELECT 'bench-http-' || n, 'Tenant ' || n FROM generate_series(1, $1::integer) AS n
       RETURNING id, slug`,
      [tenants],
    );
    await client.query(
      `INSERT INTO projects (tenant_id, number, name, description)
       SELECT id, number, 'Project ' || number || ' of ' || slug, repeat('x', 60)
         FROM tenants, generate_series($1::integer, $2::integer) AS number
        WHERE ${tenantsOfTheBenchmark}`,
      [firstNumber, firstNumber + projectsPerTenant - 1],
    );
    await client.query('VACUUM (ANALYZE) projects'); // now, and not by itself in the middle of a round
    return inserted.rows;
  });
  const url = new URL(requiredVariable('DATABASE_URL'));
  url.username = role;
  url.password = password;
  return {
    tenants: await logIn(rows),
    numbers: Array.from({ length: projectsPerTenant }, (_, index) => firstNumber + index),
    unisolatedUrl: url.href,
    remove: () => asAdmin(removeWorld),
  };
}

async function logIn(tenants: readonly { id: string; slug: string }[]): Promise<readonly Tenant[]> {
  const logins = await Logins.open();
  try {
    const logIn = async ({ id: tenantId, slug }: { id: string; slug: string }) => ({
      slug,
      token: await logins.issueToken({ tenantId, role: 'viewer' }),
    });
    return await Promise.all(tenants.map(logIn));
  } finally {
    await logins.close();
  }
}

async function removeWorld(client: pg.Client): Promise<void> {
  await client.query(`DELETE FROM tenants WHERE ${tenantsOfTheBenchmark}`);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) return;
  await client.query(`DROP OWNED BY ${role}`);
  await client.query(`DROP ROLE ${role}`);
}
