import { randomUUID } from 'node:crypto';
import { SystemContext } from '../../../src/isolation/database/index.js';
import { systemBinding } from '../../../src/isolation/database/system-context.js';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
let system: SystemContext;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  system = testApp.get(SystemContext);
});
afterAll(() => testApp.close());

it('work across tenants sees both tenants, and leaves an audit row that names the work and the request', async () => {
  const audited = (requestId: string) =>
    withPostgres(adminUrl(), async (client) => {
      const { rows } = await client.query('SELECT work FROM system_audit WHERE request_id = $1', [requestId]);
      return rows as unknown[];
    });
  const before = await audited('test');
  const slugs = [world.acme.slug, world.globex.slug];
  const found = await world.acme.admin.run(() =>
    system.run('login', (database) => database.tenant.findMany({ where: { slug: { in: slugs } } })),
  );
  expect(found).toHaveLength(2);
  expect(await audited('test')).toEqual([...before, { work: 'login' }]);
});

it('each piece of work can do what its policies name and nothing else', async () => {
  const data = { slug: randomUUID(), name: 'new' };
  const create = (work: 'login' | 'provision tenant') =>
    system.run(work, (database) => database.tenant.create({ data }));
  await expect(create('login')).rejects.toMatchObject({ code: 'P2039' });
  await expect(create('provision tenant')).resolves.toMatchObject(data);
});

it('outside of a named work nothing is bound', () => {
  expect(systemBinding).toThrow(/runs inside SystemContext\.run/);
});

const asSystem = (work: string | undefined, statement: string) =>
  withPostgres(variable('SYSTEM_DATABASE_URL'), async (client) => {
    await client.query('BEGIN');
    if (work !== undefined) await client.query("SELECT set_config('app.system_work', $1, true)", [work]);
    return (await client.query(statement)).rowCount;
  });

it('the system role sees nothing before it names its work, or under a name that has no policy', async () => {
  const statement = 'SELECT FROM tenants';
  expect(await asSystem(undefined, statement)).toBe(0);
  expect(await asSystem('something else', statement)).toBe(0);
  expect(await asSystem('login', statement)).toBeGreaterThan(1);
});

it.each([
  'SELECT FROM projects',
  'SELECT FROM tasks',
  'UPDATE users SET email = email',
  'DELETE FROM tenants',
  'SELECT FROM system_audit',
  'UPDATE system_audit SET work = work',
  'DELETE FROM system_audit',
])('the system role may not: %s', async (statement) => {
  await expect(asSystem('login', statement)).rejects.toMatchObject({ code: '42501' });
});

it('an audit row cannot name other work than the one that runs', async () => {
  const insert = "INSERT INTO system_audit (work) VALUES ('provision tenant')";
  await expect(asSystem('login', insert)).rejects.toMatchObject({ code: '42501' });
  await expect(asSystem('provision tenant', insert)).resolves.toBe(1);
});
