import { randomUUID } from 'node:crypto';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, numbers, type World } from '../../support/world.js';

// Arbitrary SQL under the app role: what an attacker has who can inject whole statements.
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const prove = tenantProver(variable('TENANT_PROOF_KEY'));

function readAs(tenant: string | undefined, proof: string | undefined): Promise<string[]> {
  return withPostgres(variable('DATABASE_URL'), async (client) => {
    await client.query('BEGIN');
    if (tenant !== undefined) await client.query(`SET LOCAL app.tenant_id = '${tenant}'`);
    if (proof !== undefined) await client.query(`SET LOCAL app.tenant_proof = '${proof}'`);
    const { rows } = await client.query<{ description: string }>('SELECT description FROM projects');
    return rows.map(({ description }) => description);
  });
}

/** Names no tenant: the columns' defaults, and the counter, take it from the transaction. Rolled back. */
function addAs(tenant: string | undefined, proof: string | undefined): Promise<string | undefined> {
  return withPostgres(variable('DATABASE_URL'), async (client) => {
    await client.query('BEGIN');
    if (tenant !== undefined) await client.query(`SET LOCAL app.tenant_id = '${tenant}'`);
    if (proof !== undefined) await client.query(`SET LOCAL app.tenant_proof = '${proof}'`);
    const { rows } = await client.query<{ tenant: string }>(
      `INSERT INTO projects (name) VALUES ('mine') RETURNING tenant_id AS tenant`,
    );
    return rows[0]?.tenant;
  });
}

it('a transaction with a tenant and its proof reads that tenant', async () => {
  const { id, marker } = world.acme;
  expect(await readAs(id, prove(id))).toEqual(numbers.map(() => marker));
});

it('a transaction with a tenant and its proof adds to that tenant', async () => {
  const { id } = world.acme;
  expect(await addAs(id, prove(id))).toBe(id);
});

const unproven: [string, () => [tenant: string | undefined, proof: string | undefined]][] = [
  ['nothing', () => [undefined, undefined]],
  ['an empty tenant', () => ['', prove(world.acme.id)]],
  ['a tenant without proof', () => [world.acme.id, undefined]],
  ['an empty proof', () => [world.acme.id, '']],
  ['the proof of another tenant', () => [world.acme.id, prove(world.globex.id)]],
  ['a proof under another key', () => [world.acme.id, tenantProver(randomUUID())(world.acme.id)]],
  ['a proof cut short', () => [world.acme.id, prove(world.acme.id).slice(0, 62)]],
  ['a proof in upper case', () => [world.acme.id, prove(world.acme.id).toUpperCase()]],
  ['something that is not hexadecimal', () => [world.acme.id, 'x'.repeat(64)]],
  ['the tenant spelled another way than it was proven', () => [world.acme.id.toUpperCase(), prove(world.acme.id)]],
];

it.each(unproven)('with %s every read raises, instead of yielding nothing', async (_, settings) => {
  await expect(readAs(...settings())).rejects.toMatchObject({
    code: '42501',
    message: expect.stringMatching(/no proven tenant/),
  });
});

it.each(unproven)('with %s nothing is added, to whichever tenant was named', async (_, settings) => {
  await expect(addAs(...settings())).rejects.toMatchObject({
    code: '42501',
    message: expect.stringMatching(/no proven tenant/),
  });
});

it('what a transaction proved is gone after COMMIT and after ROLLBACK', async () => {
  const { id } = world.acme;
  await withPostgres(variable('DATABASE_URL'), async (client) => {
    for (const end of ['COMMIT', 'ROLLBACK']) {
      await client.query(`BEGIN; SET LOCAL app.tenant_id = '${id}'; SET LOCAL app.tenant_proof = '${prove(id)}'`);
      expect((await client.query('SELECT FROM projects')).rowCount).toBe(numbers.length);
      await client.query(end);
      await expect(client.query('SELECT FROM projects')).rejects.toThrow(/no proven tenant/);
    }
  });
});

it('a prepared plan made under one tenant yields the next tenant’s rows', async () => {
  const { acme, globex } = world;
  await withPostgres(variable('DATABASE_URL'), async (client) => {
    for (let round = 0; round < 8; round++) {
      const { id, marker } = round % 2 === 0 ? acme : globex;
      await client.query(`BEGIN; SET LOCAL app.tenant_id = '${id}'; SET LOCAL app.tenant_proof = '${prove(id)}'`);
      const { rows } = await client.query<{ description: string }>({
        name: 'plan',
        text: 'SELECT description FROM projects',
      });
      expect(rows.map(({ description }) => description)).toEqual(numbers.map(() => marker));
      await client.query('COMMIT');
    }
  });
});

it.each([
  'SELECT * FROM app_private.proof_key',
  'SELECT * FROM users',
  'SELECT * FROM system_audit',
  'SELECT * FROM _prisma_migrations',
  'TRUNCATE projects',
  'CREATE TABLE public.mine ()',
  'CREATE TEMPORARY TABLE mine ()',
  'CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql RETURN 1',
  'ALTER TABLE projects DISABLE ROW LEVEL SECURITY',
  'DROP POLICY tenant_guard ON projects',
  'SET ROLE owner',
  'SET ROLE system',
  'SET SESSION AUTHORIZATION system',
  "COPY projects FROM PROGRAM 'true'",
])('the app role may not: %s', async (statement) => {
  await withPostgres(variable('DATABASE_URL'), async (client) => {
    await expect(client.query(statement)).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|42P01)$/) });
  });
});

it('switching row_security off raises, instead of showing everything', async () => {
  const { id } = world.acme;
  await withPostgres(variable('DATABASE_URL'), async (client) => {
    await client.query(`BEGIN; SET LOCAL app.tenant_id = '${id}'; SET LOCAL app.tenant_proof = '${prove(id)}'`);
    await client.query('SET LOCAL row_security = off');
    await expect(client.query('SELECT FROM projects')).rejects.toThrow(/row-level security/);
  });
});

it('statistics of other tenants’ values are not shown', async () => {
  const statistics = 'SELECT attname FROM pg_stats WHERE tablename = $1';
  await withPostgres(adminUrl(), async (client) => {
    await client.query('ANALYZE projects');
    expect((await client.query(statistics, ['projects'])).rowCount).toBeGreaterThan(0);
  });
  const rows = await world.globex.admin.run(
    () => testApp.get(TenantDatabase).$queryRaw<unknown[]>`SELECT attname FROM pg_stats WHERE tablename = 'projects'`,
  );
  expect(rows).toEqual([]);
});
