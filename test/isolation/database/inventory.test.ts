import { adminUrl, withPostgres, withRollback } from '../../support/postgres.js';
import { rules } from './inventory.js';
import { rights } from './rights.js';

// Read from the catalogs of the migrated database: what a migration forgot, not what it meant.
describe.each(rules)('$guarantee', ({ violations, violate }) => {
  it('holds', async () => {
    await withPostgres(adminUrl(), async (client) => {
      expect((await client.query(violations)).rows).toEqual([]);
    });
  });

  it.each(violate)('is found out: %s', async (statement) => {
    await withRollback(adminUrl(), async (client) => {
      await client.query(statement);
      expect((await client.query(violations)).rowCount).toBeGreaterThan(0);
    });
  });
});

it('the rules look at something: app reaches exactly the tenants’ tables', async () => {
  await withPostgres(adminUrl(), async (client) => {
    const { rows } = await client.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND has_any_column_privilege('app', oid, 'SELECT') ORDER BY relname`,
    );
    expect(rows.map(({ relname }) => relname)).toEqual([
      'counters',
      'files',
      'memberships',
      'outbox',
      'projects',
      'reports',
      'search_words',
      'tasks',
      'tenants',
      'unclaimed_objects',
    ]);
  });
});

// In full, because the rules only say what must never be: one right more is a change that somebody has to see.
it.each(Object.keys(rights) as (keyof typeof rights)[])('%s has exactly the rights that are listed', async (role) => {
  await withPostgres(adminUrl(), async (client) => {
    const { rows } = await client.query<{ object: string; rights: string }>(
      `SELECT object, string_agg(privilege, ', ' ORDER BY privilege) AS rights FROM (
         SELECT grantee, relname::text AS object, privilege_type AS privilege FROM pg_class, aclexplode(relacl)
         UNION ALL
         SELECT grantee, relname, format('%s (%s)', privilege_type, string_agg(attname, ', ' ORDER BY attname))
           FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl)
          GROUP BY grantee, privilege_type, relname
         UNION ALL
         SELECT grantee, proname, privilege_type FROM pg_proc, aclexplode(proacl)
          WHERE pronamespace = 'app_private'::regnamespace
       ) AS granted
       WHERE grantee = $1::regrole GROUP BY object`,
      [role],
    );
    expect(Object.fromEntries(rows.map(({ object, rights }) => [object, rights]))).toEqual(rights[role]);
  });
});
