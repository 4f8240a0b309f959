import { randomUUID } from 'node:crypto';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import { variable, withPostgres } from '../../support/postgres.js';
import { acme, bind, globex, inScratch, notes, onlyGlobex, prove } from './scratch.js';

// Arbitrary SQL under the app role, by somebody of globex who has got hold of a proof that acme made.

const read = 'SELECT text FROM notes ORDER BY text';
const use = (proof: string, tenant = acme) => `${bind(tenant, proof)}; SELECT app_private.current_tenant() AS tenant`;
const attempt = (sql: string) =>
  withPostgres(variable('DATABASE_URL'), async (client) => {
    const results = (await client.query(`BEGIN; ${sql}`)) as unknown as { rows: unknown[] }[];
    return results.at(-1)?.rows;
  });

// A known limit: docs/threat-model.md.
it('a stolen proof opens the tenant that it was made for, in any session', async () => {
  expect(await attempt(use(prove(acme)))).toEqual([{ tenant: acme }]);
});

it('and no other tenant', async () => {
  await expect(attempt(use(prove(acme), globex))).rejects.toThrow(/no proven tenant/);
  await expect(attempt(use(prove(acme), randomUUID()))).rejects.toThrow(/no proven tenant/);
});

it('and not for longer than the key: a new one ends every proof under the old one', () =>
  inScratch(async ({ admin, client }) => {
    await admin(notes());
    const readAs = async (proof: string) =>
      (await client.query(`${bind(globex, proof)}; ${read}`)) as unknown as unknown[];
    await admin('SET LOCAL ROLE app');
    expect((await readAs(prove(globex))).at(-1)).toMatchObject({ rows: onlyGlobex });
    await admin(`RESET ROLE; UPDATE app_private.proof_key SET outer_pad = sha512('another key'); SET LOCAL ROLE app`);
    await expect(readAs(prove(globex))).rejects.toThrow(/no proven tenant/);
  }));

it('a proof that was replayed after its transaction says nothing of what that transaction did', async () => {
  await withPostgres(variable('DATABASE_URL'), async (client) => {
    for (const end of ['COMMIT', 'ROLLBACK']) {
      await client.query(`BEGIN; ${bind(acme)}; ${end}; BEGIN; ${bind(globex, prove(acme))}`);
      await expect(client.query('SELECT app_private.current_tenant()')).rejects.toThrow(/no proven tenant/);
      await client.query('ROLLBACK');
    }
  });
});

it.each([
  [
    'its own settings hold its own proof, and after the transaction none',
    "SELECT current_setting('app.tenant_proof', true) AS found",
  ],
  ['the view of settings shows its own', "SELECT setting AS found FROM pg_settings WHERE name = 'app.tenant_proof'"],
])('nobody finds a proof lying about: %s', async (_, sql) => {
  await withPostgres(variable('DATABASE_URL'), async (victim) => {
    await victim.query(`BEGIN; ${bind(acme)}`);
    await withPostgres(variable('DATABASE_URL'), async (client) => {
      await client.query(`BEGIN; ${bind(globex)}`);
      expect(JSON.stringify((await client.query(sql)).rows)).not.toContain(prove(acme));
      await client.query('COMMIT');
      expect(JSON.stringify((await client.query(sql)).rows)).not.toContain(prove(globex));
    });
  });
});

it.each(['DATABASE_URL', 'SYSTEM_DATABASE_URL', 'MIGRATION_DATABASE_URL'])(
  'PostgreSQL’s log has no parameter of a statement, whatever it is told to log, and the role of %s cannot change that',
  async (name) => {
    await withPostgres(variable(name), async (client) => {
      const { rows } = await client.query('SHOW log_parameter_max_length');
      expect(rows).toEqual([{ log_parameter_max_length: '0' }]);
      await expect(client.query('SET log_parameter_max_length = -1')).rejects.toMatchObject({ code: '42501' });
    });
  },
);

it('the key cannot be read, nor the function changed, nor run on another key', async () => {
  for (const sql of [
    'SELECT FROM app_private.proof_key',
    'UPDATE app_private.proof_key SET singleton = true',
    'ALTER FUNCTION app_private.current_tenant() SECURITY INVOKER',
    `CREATE OR REPLACE FUNCTION app_private.current_tenant() RETURNS uuid LANGUAGE sql RETURN '${acme}'::uuid`,
    'CREATE SCHEMA mine',
  ])
    await expect(attempt(`${bind(globex)}; ${sql}`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501)$/),
    });
});

it('a proof under a key of one’s own is none', async () => {
  await expect(attempt(use(tenantProver(randomUUID())(acme)))).rejects.toThrow(/no proven tenant/);
});

it('it is not found by trying: what a wrong proof gives does not depend on how wrong it is', async () => {
  const proof = prove(acme);
  const other = proof.replaceAll(/./g, (digit) => (digit === '0' ? '1' : '0'));
  const messages = await Promise.all(
    [0, 1, 32, 63].map((right) => attempt(use(proof.slice(0, right) + other.slice(right))).catch(String)),
  );
  expect(new Set(messages).size).toBe(1);
});
