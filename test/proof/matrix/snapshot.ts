import type pg from 'pg';

/** What tells whether anything of a tenant's in the database has changed, in one statement. As the superuser: no policy hides anything. */
export async function snapshotQuery(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1`,
  );
  if (rows.length === 0) throw new Error('No table has a tenant.');
  const parts = rows.map(
    ({ name }) =>
      `SELECT '${name}' AS "table", md5(string_agg(t::text, ',' ORDER BY t::text)) AS rows FROM ${name} t WHERE tenant_id = $1`,
  );
  return [
    ...parts,
    `SELECT 'tenants', md5(t::text) FROM tenants t WHERE id = $1`,
    `SELECT 'users', md5(string_agg(u::text, ',' ORDER BY u.id)) FROM users u
      WHERE u.id IN (SELECT user_id FROM memberships WHERE tenant_id = $1)
        AND u.id NOT IN (SELECT user_id FROM memberships WHERE tenant_id <> $1)`,
  ].join(' UNION ALL ');
}
