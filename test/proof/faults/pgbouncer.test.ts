import { DatabaseNotifications, TenantDatabase } from '../../../src/isolation/database/index.js';
import { checkPooler } from '../../../src/isolation/database/boot-checks.js';
import { startPgBouncer, type PgBouncer } from '../../support/pgbouncer.js';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type TenantOfWorld } from '../../support/world.js';
import { startLoad } from './load.js';

// Ten tenants by way of two connections of each role to PostgreSQL, which are given on after each transaction.
const before = { ...process.env };
const direct = { DATABASE_URL: variable('DATABASE_URL'), SYSTEM_DATABASE_URL: variable('SYSTEM_DATABASE_URL') };
const roles = Object.values(direct);
let bouncer: PgBouncer;
let testApp: TestApp;
let tenants: TenantOfWorld[];
beforeAll(async () => {
  bouncer = await startPgBouncer(roles, { default_pool_size: 2 });
  Object.assign(process.env, {
    DATABASE_URL: bouncer.through(direct.DATABASE_URL),
    SYSTEM_DATABASE_URL: bouncer.through(direct.SYSTEM_DATABASE_URL),
    DATABASE_POOLER: 'transaction',
    DATABASE_STATEMENT_TIMEOUT_MS: '2000',
  });
  testApp = await startTestApp();
  tenants = [];
  for (let pair = 0; pair < 5; pair++) {
    const { acme, globex } = await createWorld(testApp);
    tenants.push(acme, globex);
  }
}, 120_000);
afterAll(async () => {
  for (const name of ['DATABASE_POOLER', 'DATABASE_STATEMENT_TIMEOUT_MS']) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
  await testApp.close();
  await bouncer.stop();
});

const database = () => testApp.get(TenantDatabase);
const seen = () => database().$queryRaw<{ tenant: string; pid: number; setting: string | null }[]>`
  SELECT app_private.current_tenant() AS tenant, pg_backend_pid() AS pid, current_setting('app.left', true) AS setting`;

async function serverProcesses(): Promise<number[]> {
  const sql = "SELECT pid FROM pg_stat_activity WHERE usename = 'app' AND datname = current_database()";
  const { rows } = await withPostgres(adminUrl(), (client) => client.query<{ pid: number }>(sql));
  return rows.map(({ pid }) => pid);
}

describe('the application starts', () => {
  const check = (url: string, declared: 'none' | 'transaction') => checkPooler('DATABASE_URL', url, declared);

  it('behind the pooler that it was told of, and not behind one that it was not', async () => {
    await expect(check(variable('DATABASE_URL'), 'transaction')).resolves.toBeUndefined();
    await expect(check(variable('DATABASE_URL'), 'none')).rejects.toThrow(
      /leads to a pooler.*DATABASE_POOLER=transaction/,
    );
  });

  it('without a pooler, and not when it was told of one', async () => {
    await expect(check(direct.DATABASE_URL, 'none')).resolves.toBeUndefined();
    await expect(check(direct.DATABASE_URL, 'transaction')).rejects.toThrow(/PostgreSQL itself.*DATABASE_POOLER=none/);
  });

  it.each(['0', '1'])(
    'not behind one that gives a session on as it was left, in whatever order: round robin %s',
    async (turns) => {
      const leaking = await startPgBouncer(roles, {
        server_reset_query_always: 0,
        server_round_robin: turns,
        min_pool_size: 5,
      });
      const tidy = await startPgBouncer(roles, { server_round_robin: turns, min_pool_size: 5 });
      try {
        await expect(check(leaking.through(direct.DATABASE_URL), 'transaction')).rejects.toThrow(
          /server_reset_query_always=1/,
        );
        await expect(check(tidy.through(direct.DATABASE_URL), 'transaction')).resolves.toBeUndefined();
      } finally {
        await Promise.all([leaking.stop(), tidy.stop()]);
      }
    },
  );
});

it('1,000 statements of ten tenants take turns on two connections, each under its own tenant', async () => {
  const order = Array.from({ length: 1000 }, (_, index) => tenants[(index * 7) % tenants.length] as TenantOfWorld);
  const answers = await Promise.all(order.map(({ admin }) => admin.run(seen)));
  expect(answers.map(([row]) => row?.tenant)).toEqual(order.map(({ id }) => id));
  const pids = new Map<number | undefined, Set<string | undefined>>();
  for (const [row] of answers) pids.set(row?.pid, (pids.get(row?.pid) ?? new Set()).add(row?.tenant));
  expect(pids.size).toBeLessThanOrEqual(2);
  expect(Math.max(...[...pids.values()].map((each) => each.size))).toBeGreaterThan(1); // tenants did share them
});

it('transactions of ten tenants keep their own to the end, whether they end well or not', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) => {
      const tenant = tenants[index % tenants.length] as TenantOfWorld;
      return tenant.admin.run(() =>
        database().$transaction(
          async (transaction) => {
            const { number } = await transaction.project.create({
              data: { name: `${tenant.marker} in a transaction` },
            });
            if (index % 3 === 1) await transaction.$queryRaw`SELECT 1 / 0`;
            if (index % 3 === 2) throw new Error('changed its mind');
            const rows = await transaction.project.findMany({ where: { name: { endsWith: 'in a transaction' } } });
            return { number, foreign: rows.filter(({ name }) => !name.includes(tenant.marker)).length };
          },
          { maxWait: 20_000, timeout: 20_000 },
        ),
      );
    }),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(
    outcomes.map((_, index) => (index % 3 === 0 ? 'fulfilled' : 'rejected')),
  );
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.foreign > 0)).toEqual([]);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  expect(reasons.filter((reason) => !/division by zero|changed its mind/.test(reason))).toEqual([]);
  // Two of ten tenants' transactions went through, four times two did not: what was rolled back is nobody's.
  const kept = tenants.map(({ admin }) =>
    admin.run(() => database().project.count({ where: { name: { endsWith: 'in a transaction' } } })),
  );
  expect((await Promise.all(kept)).toSorted()).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
});

it('what a tenant leaves in a session is met by nobody', async () => {
  const [acme, ...others] = tenants as [TenantOfWorld, ...TenantOfWorld[]];
  const left = await acme.admin.run(
    () => database().$queryRaw`SELECT set_config('app.left', ${acme.marker}, false) AS setting`,
  );
  expect(left).toEqual([{ setting: acme.marker }]);
  const met = await Promise.all([acme, ...others].map(({ admin }) => admin.run(seen)));
  expect(met.map(([row]) => row?.setting ?? '')).toEqual(tenants.map(() => ''));
});

it('a statement that takes too long is ended, inside a transaction too, and the connection serves the next tenant', async () => {
  const [acme, globex] = tenants as [TenantOfWorld, TenantOfWorld];
  const sleep = (seconds: number) => acme.admin.run(() => database().$executeRaw`SELECT pg_sleep(${seconds}::float8)`);
  await expect(sleep(0.01)).resolves.toBeDefined();
  await expect(sleep(5)).rejects.toThrow(/statement timeout/);
  const inTransaction = acme.admin.run(() =>
    database().$transaction((transaction) => transaction.$executeRaw`SELECT pg_sleep(5)`, { timeout: 20_000 }),
  );
  await expect(inTransaction).rejects.toThrow(/statement timeout/);
  expect(await globex.admin.run(seen)).toMatchObject([{ tenant: globex.id }]);
});

it('who would listen, where no connection is one’s own, is told at intervals instead', async () => {
  const notifications = new DatabaseNotifications(variable('SYSTEM_DATABASE_URL'), false);
  let announcements = 0;
  let end: (() => Promise<void>) | undefined;
  await new Promise<void>((resolve) => {
    end = notifications.listen('outbox', () => ++announcements === 2 && resolve());
  });
  await end?.();
});

describe('under load, nothing leaks and nothing that was accepted is lost, when', () => {
  it('nothing happens: then everything is accepted', async () => {
    const load = startLoad(tenants, [testApp.baseUrl]);
    await load.succeeds(5);
    expect(Object.keys(await load.stop())).toEqual(['200', '201']);
    expect((await serverProcesses()).length).toBeLessThanOrEqual(2);
  });

  it('PostgreSQL ends its connections, again and again', async () => {
    const load = startLoad(tenants, [testApp.baseUrl]);
    for (let round = 0; round < 5; round++) {
      await load.succeeds(1);
      await withPostgres(adminUrl(), (client) =>
        client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"),
      );
    }
    await load.succeeds();
    await load.stop();
  });

  it('the pooler is killed, and comes back', async () => {
    const load = startLoad(tenants, [testApp.baseUrl]);
    await load.succeeds();
    await bouncer.kill();
    const refused = await tenants[0]?.admin.get('/api/search?q=project');
    expect([refused?.status, refused?.json.code]).toEqual([503, 'unavailable']);
    await bouncer.startAgain();
    await load.succeeds();
    expect(Object.keys(await load.stop())).toEqual(['200', '201', '503']);
  });
});
