import pg from 'pg';
import { readConfiguration } from '../../../src/config/index.js';
import { bindStatement } from '../../../src/isolation/database/bound-query.js';
import { tenantBinding } from '../../../src/isolation/database/clients.js';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import type { Report, Row } from '../../report.js';
import { projectsPerTenant, type GrowthDatabase } from './databases.js';

const explain = 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE';
const columns = 'tenant_id, number, name, description, status, created_at, updated_at';
const statements = {
  'read one project': {
    text: `PREPARE statement (uuid, integer) AS SELECT ${columns} FROM projects WHERE tenant_id = $1 AND number = $2`,
    argument: 1,
  },
  'list 20 projects': {
    text: `PREPARE statement (uuid, integer) AS SELECT ${columns} FROM projects WHERE tenant_id = $1 ORDER BY number DESC LIMIT $2`,
    argument: projectsPerTenant,
  },
};

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** Pages of PostgreSQL that one read looks at: what grows with the data itself, isolated or not. */
export async function pagesReport(databases: readonly GrowthDatabase[]): Promise<Report> {
  const rows: Row[] = [];
  for (const [title, statement] of Object.entries(statements))
    for (const { tenantIds, urls } of databases) {
      const tenantId = tenantIds[Math.floor(tenantIds.length / 2)] ?? '';
      const pages = (url: string) => pagesOf(url, tenantId, statement);
      const name = `${title}, ${tenantIds.length.toLocaleString('en-US')} tenants`;
      rows.push(row(name, await pages(urls.DATABASE_URL)));
      rows.push(row(`${name}, without isolation`, await pages(urls.ADMIN_DATABASE_URL)));
    }
  return { title: 'Growth: pages that a read looks at', setting: { 'projects per tenant': projectsPerTenant }, rows };
}

async function pagesOf(
  connectionString: string,
  tenantId: string,
  { text, argument }: (typeof statements)[keyof typeof statements],
): Promise<number> {
  const client = new pg.Client({ connectionString, options: '-c plan_cache_mode=force_generic_plan' });
  await client.connect();
  try {
    await client.query(text);
    const binding = tenantBinding(tenantId, tenantProver(readConfiguration(process.env).TENANT_PROOF_KEY));
    let pages = NaN;
    // Once to fill PostgreSQL's own caches, which read pages, too.
    for (let time = 0; time < 2; time++) {
      await client.query('BEGIN');
      await client.query(bindStatement.text, [...binding]);
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `${explain} statement ('${tenantId}', ${String(argument)})`,
      );
      await client.query('COMMIT');
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      pages = plan ? plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] : NaN;
    }
    return pages;
  } finally {
    await client.end();
  }
}

function row(contestant: string, pages: number): Row {
  return { contestant, unit: 'pages', median: pages, minimum: pages, maximum: pages, verdicts: [] };
}
