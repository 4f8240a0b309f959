import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { asAdmin } from '../admin.js';
import { requiredVariable } from '../environment.js';

export interface DatabaseWorld {
  readonly tenantIds: readonly string[];
  /** Connects as a role that no policy applies to. */
  readonly unisolatedUrl: string;
  /** What PostgreSQL does at a COMMIT: the same for every contestant. */
  readonly durability: Readonly<Record<string, string>>;
  /**
   * Takes away the rows that were added and what the changes left behind, after each race. Not after
   * each round: whoever came first on a table just vacuumed would have to pay for it.
   */
  readonly tidy: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export const tenants = 100;
/** Of each tenant: project 1, 2, 3, … with one task each, of the same number. */
export const projectsPerTenant = 2000;
const membersPerTenant = 20;

const role = 'bench_unisolated';
/**
 * No vacuum by itself in the middle of a round: `tidy` does it between races. And room in each page for
 * changed rows from the start, as in a table that has lived: the first changes would be the dear ones.
 */
const storage = 'autovacuum_enabled = false, fillfactor = 80';
const tenantsOfTheBenchmark = `SELECT id FROM tenants WHERE slug LIKE 'bench-database-%'`;
const usersOfTheBenchmark = `SELECT id FROM users WHERE email LIKE '%@bench-database.example'`;

/** Many tenants with the same numbers, and a role that sees them all. */
export async function createDatabaseWorld(): Promise<DatabaseWorld> {
  const password = randomBytes(16).toString('hex');
  return asAdmin(async (client) => {
    await removeWorld(client); // that of a run that was killed
    await createRole(client, password);
    await setStorage(client, `SET (${storage})`);
    await fill(client);
    const { rows } = await client.query<{ id: string }>(tenantsOfTheBenchmark);
    const url = new URL(requiredVariable('DATABASE_URL'));
    url.username = role;
    url.password = password;
    return {
      tenantIds: rows.map(({ id }) => id),
      unisolatedUrl: url.href,
      durability: { ...(await show(client, 'fsync')), ...(await show(client, 'synchronous_commit')) },
      tidy: () => asAdmin(tidy),
      remove: () => asAdmin(removeWorld),
    };
  });
}

async function createRole(client: pg.Client, password: string): Promise<void> {
  // A changed text changes its words, by triggers that run as whoever writes.
  await client.query(`
    CREATE ROLE ${role} LOGIN BYPASSRLS PASSWORD '${password}';
    GRANT CONNECT ON DATABASE ${client.escapeIdentifier(client.database ?? '')} TO ${role};
    GRANT USAGE ON SCHEMA public, app_private TO ${role};
    GRANT SELECT ON memberships TO ${role};
    GRANT SELECT, INSERT, UPDATE ON projects, tasks TO ${role};
    GRANT SELECT, INSERT, DELETE ON search_words TO ${role};
    GRANT EXECUTE ON FUNCTION app_private.words_of, app_private.add_words, app_private.remove_words TO ${role};
  `);
}

async function fill(client: pg.Client): Promise<void> {
  await withoutTriggers(
    client,
    `
    INSERT INTO tenants (slug, name) SELECT 'bench-database-' || n, 'Tenant ' || n FROM generate_series(1, ${String(tenants)}) AS n;
    INSERT INTO users (email, password_hash)
    SELECT n || '@bench-database.example', 'cannot log in' FROM generate_series(1, ${String(membersPerTenant)}) AS n;
    INSERT INTO memberships (tenant_id, user_id, email, name)
    SELECT tenant.id, member.id, member.email, 'Member' FROM tenants AS tenant, users AS member
     WHERE tenant.id IN (${tenantsOfTheBenchmark}) AND member.id IN (${usersOfTheBenchmark});
    INSERT INTO projects (tenant_id, number, name, description)
    SELECT id, n, 'Project ' || n, repeat('x', 60) FROM (${tenantsOfTheBenchmark}), generate_series(1, ${String(projectsPerTenant)}) AS n;
    INSERT INTO tasks (tenant_id, number, project_number, title, assignee_id)
    SELECT tenant_id, number, number, 'Task ' || number, members.ids[1 + number % ${String(membersPerTenant)}]
      FROM projects, (SELECT array_agg(id) AS ids FROM (${usersOfTheBenchmark})) AS members
     WHERE tenant_id IN (${tenantsOfTheBenchmark});
    INSERT INTO search_words (tenant_id, kind, number, word, weight)
    SELECT tenant_id, 'project', number, word, weight FROM projects, app_private.words_of(number, name, description)
     WHERE tenant_id IN (${tenantsOfTheBenchmark})
    UNION ALL
    SELECT tenant_id, 'task', number, word, weight FROM tasks, app_private.words_of(number, title, '')
     WHERE tenant_id IN (${tenantsOfTheBenchmark})`,
  );
  await client.query('VACUUM (ANALYZE) projects, tasks, search_words, memberships');
}

async function tidy(client: pg.Client): Promise<void> {
  const added = `number > ${String(projectsPerTenant)} AND tenant_id IN (${tenantsOfTheBenchmark})`;
  await client.query(`DELETE FROM tasks WHERE ${added}`);
  await client.query('VACUUM projects, tasks, search_words');
}

async function removeWorld(client: pg.Client): Promise<void> {
  const ofTenants = `WHERE tenant_id IN (${tenantsOfTheBenchmark})`;
  await withoutTriggers(
    client,
    `
    DELETE FROM search_words ${ofTenants};
    DELETE FROM tasks ${ofTenants};
    DELETE FROM projects ${ofTenants};
    DELETE FROM memberships ${ofTenants};
    DELETE FROM users WHERE id IN (${usersOfTheBenchmark});
    DELETE FROM tenants WHERE id IN (${tenantsOfTheBenchmark})`,
  );
  await setStorage(client, 'RESET (autovacuum_enabled, fillfactor)');
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) return;
  await client.query(`DROP OWNED BY ${role}`);
  await client.query(`DROP ROLE ${role}`);
}

/** Hundreds of thousands of rows: checking each one's foreign keys, and adding its words, would take longer than a benchmark. */
async function withoutTriggers(client: pg.Client, statements: string): Promise<void> {
  await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statements}; COMMIT`);
}

async function setStorage(client: pg.Client, action: string): Promise<void> {
  for (const table of ['projects', 'tasks', 'search_words']) await client.query(`ALTER TABLE ${table} ${action}`);
}

async function show(client: pg.Client, setting: string): Promise<Record<string, string>> {
  const { rows } = await client.query<Record<string, string>>(`SHOW ${setting}`);
  return rows[0] ?? {};
}
