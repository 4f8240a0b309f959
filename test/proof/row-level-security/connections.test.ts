import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import { BoundPool } from '../../../src/isolation/database/bound-pool.js';
import { tenantBinding } from '../../../src/isolation/database/clients.js';
import { variable, withPostgres } from '../../support/postgres.js';
import { acme, bind, globex, inScratch, notes, prove } from './scratch.js';

// What a connection keeps from one transaction for the next, which is another tenant's.

const asApp = <T>(work: (client: pg.Client) => Promise<T>) => withPostgres(variable('DATABASE_URL'), work);
const text = async (client: pg.Client | BoundPool, sql: string) =>
  (await client.query<{ text: string | null }>(sql)).rows.map((row) => row.text);
const current = 'SELECT app_private.current_tenant()::text AS text';

describe('a connection of the application', () => {
  const tenants = new AsyncLocalStorage<string>();
  let pool: BoundPool;
  beforeEach(() => {
    pool = new BoundPool({ connectionString: variable('DATABASE_URL'), max: 1 }, () =>
      tenantBinding(tenants.getStore() ?? '', prove),
    );
  });
  afterEach(() => pool.end());
  const as = (tenant: string, sql: string) => tenants.run(tenant, async () => await text(pool, sql));

  it('does not keep a WITH HOLD cursor, which another tenant could fetch from', async () => {
    await asApp(async (client) => {
      await client.query(`BEGIN; ${bind(acme)}; DECLARE kept CURSOR WITH HOLD FOR ${current}; COMMIT`);
      await client.query(`BEGIN; ${bind(globex)}`);
      expect(await text(client, 'FETCH ALL FROM kept')).toEqual([acme]); // the attack, on a bare connection
    });
    await as(acme, `DECLARE kept CURSOR WITH HOLD FOR ${current}`);
    await expect(as(globex, 'FETCH ALL FROM kept')).rejects.toMatchObject({ code: '34000' });
    expect(await as(globex, current)).toEqual([globex]);
  });

  it('does not keep a prepared statement of SQL’s, which holds what its maker wrote into it', async () => {
    await asApp(async (client) => {
      await client.query(`BEGIN; ${bind(acme)}; PREPARE kept AS SELECT '${acme}' AS text; COMMIT`);
      expect(await text(client, 'EXECUTE kept')).toEqual([acme]);
    });
    await as(acme, `PREPARE kept AS SELECT '${acme}' AS text`);
    await expect(as(globex, 'EXECUTE kept')).rejects.toMatchObject({ code: '26000' });
  });

  it('keeps no temporary table: app can make none', async () => {
    await expect(as(acme, 'CREATE TEMPORARY TABLE kept ()')).rejects.toMatchObject({ code: '42501' });
    await expect(as(acme, 'SELECT 1 INTO TEMPORARY kept')).rejects.toMatchObject({ code: '42501' });
  });

  it('does not keep a LISTEN, by which another tenant’s connection would hear', async () => {
    await asApp(async (client) => {
      await client.query('LISTEN gossip');
      expect(await text(client, 'SELECT pg_listening_channels() AS text')).toEqual(['gossip']);
    });
    await as(acme, 'LISTEN gossip');
    expect(await as(globex, 'SELECT pg_listening_channels() AS text')).toEqual([]);
  });

  // A known limit: docs/threat-model.md.
  it('keeps settings that injected SQL makes by set_config: they can disturb the next tenant, and read nothing', async () => {
    await as(acme, "SELECT set_config('app.tenant_id', 'x', false), set_config('app.tenant_proof', 'x', false)");
    expect(await as(globex, current)).toEqual([globex]);
    await as(acme, "SELECT set_config('statement_timeout', '1', false)");
    await expect(as(globex, 'SELECT pg_sleep(1)')).rejects.toMatchObject({ code: '57014' });
    expect(await as(globex, current)).toEqual([globex]);
  });
});

describe('app.tenant_id', () => {
  const setting = "SELECT current_setting('app.tenant_id', true) AS text";

  it('is NULL before its first use and empty after it, and neither is a tenant', async () => {
    await asApp(async (client) => {
      expect(await text(client, setting)).toEqual([null]);
      await expect(text(client, current)).rejects.toThrow(/no proven tenant/);
      await client.query(`BEGIN; ${bind(acme)}`);
      expect(await text(client, current)).toEqual([acme]);
      await client.query('COMMIT');
      expect(await text(client, setting)).toEqual(['']);
      await expect(text(client, current)).rejects.toThrow(/no proven tenant/);
    });
  });

  it('is empty for a policy that takes NULL for “all”, and one that takes it for a UUID breaks', () =>
    inScratch(async ({ admin, as }) => {
      await admin(notes());
      const tenant = "current_setting('app.unproven', true)";
      const visible = async (condition: string) => {
        await admin(`DROP POLICY IF EXISTS wide ON notes; CREATE POLICY wide ON notes TO owner USING (${condition})`);
        return (await as(globex, 'SELECT FROM notes', 'owner')).length;
      };
      expect(await visible(`${tenant} IS NULL OR tenant_id::text = ${tenant}`)).toBe(2);
      await admin("SAVEPOINT used; SET LOCAL app.unproven = 'x'; ROLLBACK TO used; SET LOCAL app.unproven = ''");
      expect(await visible(`${tenant} IS NULL OR tenant_id::text = ${tenant}`)).toBe(0);
      await expect(visible(`tenant_id = ${tenant}::uuid`)).rejects.toMatchObject({ code: '22P02' });
    }));
});

describe('a prepared plan', () => {
  const plan = { name: 'plan', text: 'SELECT text FROM notes ORDER BY text' };
  const prepared = (condition: string) =>
    new Promise<unknown[]>((resolve, reject) => {
      inScratch(async ({ admin, client }) => {
        await admin(`${notes({ without: ['guard'] })}; ALTER POLICY tenant_rows ON notes USING (${condition});
          SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL ROLE app`);
        const answers: unknown[] = [];
        for (const tenant of [acme, globex]) {
          await client.query(bind(tenant));
          answers.push((await client.query(plan)).rows);
        }
        resolve(answers);
      }).catch(reject);
    });

  it('that is generic is each tenant’s own, and app’s plans are', async () => {
    const own = await prepared('tenant_id = (SELECT app_private.current_tenant())');
    expect(own).toEqual([[{ text: 'of acme' }], [{ text: 'of globex' }]]);
    expect(await asApp((client) => text(client, "SELECT current_setting('plan_cache_mode') AS text"))).toEqual([
      'force_generic_plan',
    ]);
  });

  it('keeps the tenant that it was made under where the policy’s function is called immutable, which is found out', () =>
    inScratch(async ({ admin, client, findings }) => {
      await admin(`${notes({ without: ['guard'] })}
        CREATE FUNCTION frozen() RETURNS uuid LANGUAGE plpgsql IMMUTABLE
          AS $$ BEGIN RETURN current_setting('app.tenant_id')::uuid; END $$; GRANT EXECUTE ON FUNCTION frozen() TO app;
        ALTER POLICY tenant_rows ON notes USING (tenant_id = frozen());
        SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL ROLE app`);
      for (const tenant of [acme, globex]) {
        await client.query(bind(tenant));
        expect((await client.query(plan)).rows).toEqual([{ text: 'of acme' }]);
      }
      await admin('RESET ROLE');
      expect(await findings(/has a permissive policy/)).toContain('notes');
    }));
});
