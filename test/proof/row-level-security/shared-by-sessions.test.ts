import { once } from 'node:events';
import pg from 'pg';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';
import { startTestApp } from '../../support/test-app.js';
import { createWorld } from '../../support/world.js';
import { acme, globex, inScratch } from './scratch.js';

// Sessions of all tenants have one role: what PostgreSQL keeps for a role or for everybody, they share.

const rule = /nothing that all sessions share/;
const asApp = <T>(work: (client: pg.Client) => Promise<T>) => withPostgres(variable('DATABASE_URL'), work);

it.each([
  'SELECT pg_advisory_lock(1)',
  'SELECT pg_try_advisory_xact_lock(1)',
  "SELECT pg_advisory_xact_lock(hashtext('dispatch jobs'))",
  'SELECT lo_create(0)',
  "SELECT lo_from_bytea(0, 'x')",
  'SELECT lo_get(1)',
  'SELECT lo_open(1, 262144)',
  'SELECT FROM pg_stat_activity',
  'SELECT pg_stat_get_backend_activity(1)',
  'SELECT n_live_tup FROM pg_stat_user_tables',
  'SELECT FROM pg_locks',
  'SELECT pg_blocking_pids(1)',
  'SELECT pg_cancel_backend(1)',
  'SELECT pg_terminate_backend(1)',
  "SELECT pg_read_file('postgresql.conf')",
])('app may not: %s', async (statement) => {
  await asApp((client) => expect(client.query(statement)).rejects.toMatchObject({ code: '42501' }));
});

it('a large object is every tenant’s that has the role, where they are granted', () =>
  inScratch(async ({ admin, as, findings }) => {
    expect(await findings(rule)).toBe('[]');
    await admin('GRANT EXECUTE ON FUNCTION lo_from_bytea(oid, bytea), lo_get(oid) TO app');
    const [made] = await as(acme, "SELECT lo_from_bytea(0, 'of acme') AS id");
    const [seen] = await as(globex, `SELECT convert_from(lo_get(${String(made?.['id'])}), 'UTF8') AS text`);
    expect(seen).toEqual({ text: 'of acme' });
    expect(await findings(rule)).toContain('lo_get');
  }));

it('an advisory lock tells and blocks across tenants, where they are granted', () =>
  inScratch(async ({ admin, as, findings }) => {
    await withPostgres(adminUrl(), async (other) => {
      await other.query('SELECT pg_advisory_lock(104100)');
      await admin('GRANT EXECUTE ON FUNCTION pg_try_advisory_xact_lock(bigint) TO app');
      expect(await as(globex, 'SELECT pg_try_advisory_xact_lock(104100) AS mine')).toEqual([{ mine: false }]);
      expect(await findings(rule)).toContain('pg_try_advisory_xact_lock');
    });
  }));

it('other sessions’ statements can be read, and ended, where that is granted', () =>
  inScratch(async ({ admin, as, findings }) => {
    await asApp(async (victim) => {
      const { rows } = await victim.query<{ pid: number }>("SELECT pg_backend_pid() AS pid, 'of acme' AS text");
      const pid = String(rows[0]?.pid);
      await admin(
        `GRANT EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_terminate_backend(integer, bigint) TO app`,
      );
      expect(await as(globex, `SELECT query FROM pg_stat_get_activity(${pid})`)).toEqual([
        { query: expect.stringContaining('of acme') },
      ]);
      const errors: string[] = [];
      victim.on('error', (error) => errors.push(error.message));
      const ended = new Promise((resolve) => victim.once('end', resolve));
      await as(globex, `SELECT pg_terminate_backend(${pid})`);
      await ended;
      expect(errors).toContain('terminating connection due to administrator command');
      expect(await findings(rule)).toContain('pg_terminate_backend');
    });
  }));

it('pg_stat_statements would show every tenant’s statements, and is found out', () =>
  inScratch(async ({ admin, findings }) => {
    await admin('CREATE EXTENSION pg_stat_statements');
    expect(await findings(/no view, materialized view or foreign table/)).toContain('pg_stat_statements');
    expect(await findings(/nothing is granted to everybody/)).toContain('pg_stat_statements');
  }));

// A known limit: docs/threat-model.md. LISTEN and NOTIFY are commands that every role may give.
it('a notification says that some tenant has a job, and neither whose nor what', async () => {
  const testApp = await startTestApp();
  const listener = new pg.Client({ connectionString: variable('DATABASE_URL') });
  try {
    const world = await createWorld(testApp);
    await listener.connect();
    await listener.query('LISTEN outbox');
    const heard = once(listener, 'notification');
    const { identity, run } = world.acme.admin;
    await run(
      () => testApp.get(TenantDatabase).$executeRaw`
        INSERT INTO outbox (user_id, session_id, job, payload, run_at)
             VALUES (${identity.userId}::uuid, ${identity.sessionId}::uuid, 'build report', '{}', now() + interval '1 year')`,
    );
    expect(await heard).toEqual([expect.objectContaining({ channel: 'outbox', payload: '' })]);
  } finally {
    await listener.end();
    await testApp.close();
  }
});
