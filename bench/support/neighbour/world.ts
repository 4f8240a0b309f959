import type pg from 'pg';
import { asAdmin } from '../admin.js';
import { requiredVariable } from '../environment.js';
import { issueToken } from '../issue-token.js';
import { markedTenantId, removeCachedOfMarkedTenants } from '../marked-tenants.js';

/** Somebody of a tenant, as whom requests are made. */
export interface Member {
  /** Stands in the name of every project of the tenant. */
  readonly slug: string;
  readonly token: string;
}

/** Two tenants with the same projects: 1, 2, 3, … */
export interface NeighbourWorld {
  readonly quiet: Member;
  readonly flooding: Member;
  readonly remove: () => Promise<void>;
}

export const projectsPerTenant = 1000;

const slugs = { quiet: 'bench-neighbour-quiet', flooding: 'bench-neighbour-flooding' };
const isOfTheBenchmark = `slug LIKE 'bench-neighbour-%'`;

export async function createNeighbourWorld(): Promise<NeighbourWorld> {
  await remove(); // that of a run that was killed
  const [quiet, flooding] = await asAdmin(async (client) => [
    await createMember(client, slugs.quiet),
    await createMember(client, slugs.flooding),
  ]);
  return { quiet, flooding, remove };
}

async function createMember(client: pg.Client, slug: string): Promise<Member> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO tenants (id, slug, name) VALUES (${markedTenantId}, $1, $1) RETURNING id`,
    [slug],
  );
  const tenantId = rows[0]?.id ?? '';
  await client.query(
    `INSERT INTO projects (tenant_id, number, name, description)
     SELECT $1, number, 'Project ' || number || ' of ' || $2, repeat('x', 60) FROM generate_series(1, $3::integer) AS number`,
    [tenantId, slug, projectsPerTenant],
  );
  return { slug, token: await issueToken({ tenantId, role: 'member' }) };
}

async function remove(): Promise<void> {
  await asAdmin((client) => client.query(`DELETE FROM tenants WHERE ${isOfTheBenchmark}`));
  await removeCachedOfMarkedTenants(requiredVariable('REDIS_URL'));
}
