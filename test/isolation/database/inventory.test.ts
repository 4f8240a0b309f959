import { adminUrl, withPostgres, withRollback } from '../../support/postgres.js';
import { rules } from './inventory.js';

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
