import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { BoundPool } from '../../../src/isolation/database/bound-pool.js';
import { tenantBinding } from '../../../src/isolation/database/clients.js';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';

// One connection, so that every tenant gets the one the last tenant had.
const acme = randomUUID();
const globex = randomUUID();
const tenants = new AsyncLocalStorage<string>();
const prove = tenantProver(variable('TENANT_PROOF_KEY'));
let pool: BoundPool;
beforeEach(() => {
  pool = new BoundPool({ connectionString: variable('DATABASE_URL'), max: 1, statement_timeout: 1000 }, () => {
    const tenant = tenants.getStore();
    if (tenant === undefined) throw new Error('no tenant');
    return tenantBinding(tenant, prove);
  });
});
afterEach(() => pool.end());

const as = <T>(tenant: string, work: () => Promise<T>): Promise<T> => tenants.run(tenant, async () => await work());
const query = (text: string) => pool.query<Record<string, unknown>>(text);
const seen = async (): Promise<{ tenant: string; pid: number }> => {
  const { rows } = await pool.query<{ tenant: string; pid: number }>(
    'SELECT app_private.current_tenant() AS tenant, pg_backend_pid() AS pid',
  );
  return rows[0] as { tenant: string; pid: number };
};

describe('a connection that the next tenant gets', () => {
  it('after a success is the same one, and knows the next tenant only', async () => {
    const first = await as(acme, seen);
    const second = await as(globex, seen);
    expect(first.tenant).toBe(acme);
    expect(second).toEqual({ tenant: globex, pid: first.pid });
  });

  it.each([
    ['an error', 'SELECT 1 / 0'],
    ['a syntax error', 'SELEKT'],
    ['a timeout', 'SELECT pg_sleep(5)'],
  ])('after %s knows the next tenant only', async (_, statement) => {
    await expect(as(acme, () => query(statement))).rejects.toThrow(/division by zero|syntax error|statement timeout/);
    expect(await as(globex, seen)).toMatchObject({ tenant: globex });
  });

  it('is not one that was given back inside a transaction, and that transaction is rolled back', async () => {
    const abandoned = await as(acme, async () => {
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query("INSERT INTO counters (kind, value) VALUES ('abandoned', 1)").catch(() => undefined);
      const { rows } = await client
        .query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
        .catch(() => ({ rows: [] }));
      client.release();
      return rows;
    });
    const next = await as(globex, seen).catch((error: unknown) => ({ tenant: String(error), pid: 0 }));
    expect(next.tenant).toBe(globex);
    expect(abandoned.map(({ pid }) => pid)).not.toContain(next.pid);
  });

  it.each([
    `SET app.tenant_id = '${acme}'`,
    "SET search_path = ''",
    'LISTEN gossip',
    'PREPARE kept AS SELECT 1',
    'DECLARE kept CURSOR WITH HOLD FOR SELECT 1',
    'DO $$ BEGIN PERFORM set_config($a$app.tenant_id$a$, $a$x$a$, false); END $$',
  ])('is not one whose session was changed: %s', async (statement) => {
    const before = await as(acme, seen);
    await as(acme, () => query(statement));
    const after = await as(globex, seen);
    expect(after.tenant).toBe(globex);
    expect(after.pid).not.toBe(before.pid);
  });

  it('cannot be used by who has given it back', async () => {
    const client = await as(acme, () => pool.connect());
    await client.query('SELECT 1');
    client.release();
    expect(() => client.query('SELECT 1')).toThrow(/not checked out/);
  });
});

it('who waits for a connection gets it under its own tenant, not under that of who gives it back', async () => {
  const slow = as(acme, async () => {
    const client = await pool.connect();
    await client.query('SELECT pg_sleep(0.05)');
    return client;
  });
  const waiting = Promise.all([as(globex, seen), as(acme, seen), as(globex, seen)]);
  await as(acme, async () => (await slow).release());
  expect((await waiting).map(({ tenant }) => tenant)).toEqual([globex, acme, globex]);
});

it('1,000 interleaved queries of two tenants each run under their own', async () => {
  const order = Array.from({ length: 1000 }, (_, index) => (index % 3 === 0 ? acme : globex));
  const answers = await Promise.all(order.map((tenant) => as(tenant, seen)));
  expect(answers.map(({ tenant }) => tenant)).toEqual(order);
});

it('behind a pooler the first statement of a connection is no other, and has its tenant', async () => {
  const config = { connectionString: variable('DATABASE_URL'), max: 1, statement_timeout: 1000 };
  const pooled = new BoundPool(config, () => tenantBinding(acme, prove), 'transaction');
  const first = await pooled
    .query<{ tenant: string }>('SELECT app_private.current_tenant() AS tenant')
    .finally(() => pooled.end());
  expect(first.rows).toEqual([{ tenant: acme }]);
});

it('an interactive transaction keeps its tenant to its end, and not beyond', async () => {
  const client = await as(acme, () => pool.connect());
  const tenantOf = async (connection: pg.PoolClient) =>
    (await connection.query<{ tenant: string }>('SELECT app_private.current_tenant() AS tenant')).rows[0]?.tenant;
  await client.query('BEGIN');
  expect(await tenantOf(client)).toBe(acme);
  await client.query('SAVEPOINT one');
  await client.query('ROLLBACK TO SAVEPOINT one');
  expect(await tenantOf(client)).toBe(acme);
  await client.query('COMMIT');
  client.release();
  expect(await as(globex, seen)).toMatchObject({ tenant: globex });
});

it('without a tenant no connection is given out and nothing is sent', async () => {
  expect(() => pool.connect()).toThrow('no tenant');
  expect(() => void query('SELECT 1')).toThrow('no tenant');
  expect(pool.totalCount).toBe(0);
  await as(acme, seen);
  expect(pool.totalCount).toBe(1);
});

it('a text with several statements is refused, and one alone is not', async () => {
  await expect(as(acme, () => query('SELECT 1; SELECT 2'))).rejects.toThrow(/cannot insert multiple commands/);
  await expect(as(acme, () => query('SELECT 1'))).resolves.toMatchObject({ rowCount: 1 });
});

it('a statement whose binding fails is not run', async () => {
  // As a superuser, whom no policy would stop.
  const insert = (slug: string) => `INSERT INTO tenants (slug, name) VALUES ('${slug}', 'x')`;
  const run = async (bindingName: string, slug: string) => {
    const unguarded = new BoundPool({ connectionString: adminUrl(), max: 1 }, () => [
      bindingName,
      'x',
      'app.tenant_proof',
      'x',
    ]);
    await unguarded.query(insert(slug)).finally(() => unguarded.end());
  };
  const count = (slug: string) =>
    withPostgres(
      adminUrl(),
      async (client) => (await client.query('SELECT FROM tenants WHERE slug = $1', [slug])).rowCount,
    );
  const [failing, working] = [randomUUID(), randomUUID()];
  await expect(run('not a setting', failing)).rejects.toThrow(/unrecognized configuration parameter/);
  await run('app.tenant_id', working);
  expect(await count(failing)).toBe(0);
  expect(await count(working)).toBe(1);
});

it('where a running query can be seen, its tenant and its proof cannot: not by who monitors either', async () => {
  const marker = randomUUID();
  const running = as(acme, () => query(`SELECT pg_sleep(0.5), '${marker}'`));
  const texts = await withPostgres(adminUrl(), async (client) => {
    for (;;) {
      const { rows } = await client.query<{ query: string }>(
        "SELECT query FROM pg_stat_activity WHERE usename = 'app' AND pid <> pg_backend_pid()",
      );
      const all = rows.map((row) => row.query).join('\n');
      if (all.includes(marker)) return all;
    }
  });
  await running;
  expect(texts).not.toContain(acme);
  expect(texts).not.toContain(prove(acme));
});
