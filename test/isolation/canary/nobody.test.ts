import { CanaryTenants, type CanaryPair } from '../../../src/isolation/canary/canary-tenants.js';
import { SystemContext, type SystemWork } from '../../../src/isolation/database/index.js';
import { TenantProvisioningService } from '../../../src/features/tenants/tenant-provisioning.service.js';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
let pair: CanaryPair;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  pair = await testApp.get(CanaryTenants).pair();
});
afterAll(() => testApp.close());

const slugs = ['canary-1041-a', 'canary-1041-b'];

it('they are there, as rows of the database: what follows looks for something', async () => {
  await withPostgres(adminUrl(), async (client) => {
    const { rows } = await client.query<{ slug: string; id: string }>(
      'SELECT id, slug FROM tenants WHERE slug = ANY ($1) ORDER BY slug',
      [slugs],
    );
    expect(rows).toEqual(slugs.map((slug, index) => ({ slug, id: pair[index]?.identity.tenantId })));
  });
});

const everyWork: Record<Exclude<SystemWork, 'keep canaries'>, true> = {
  login: true,
  'provision tenant': true,
  'dispatch jobs': true,
  'grant session': true,
  'change password': true,
  'remove unclaimed objects': true,
};
it.each(Object.keys(everyWork) as (keyof typeof everyWork)[])(
  'for the work "%s" they do not exist: no tenant, no member, no person',
  async (work) => {
    const ids = pair.map(({ identity }) => identity.tenantId);
    const userId = pair[0].identity.userId;
    const found = await testApp
      .get(SystemContext)
      .run(work, async (database) => [
        ...(await database.tenant.findMany({ where: { id: { in: ids } } })),
        ...(await database.membership.findMany({ where: { OR: [{ userId }, { tenantId: { in: ids } }] } })),
        ...(await database.user.findMany({ where: { id: userId } })),
      ]);
    expect(found).toEqual([]);
  },
);

it('the work that keeps them reaches nobody else, and can make nobody else', async () => {
  const system = testApp.get(SystemContext);
  const found = await system.run('keep canaries', (database) => database.tenant.findMany({ select: { slug: true } }));
  expect(found.map(({ slug }) => slug).toSorted()).toEqual(slugs);
  const customers = { slug: 'a-customer-by-mistake', name: 'a customer' };
  await expect(
    system.run('keep canaries', (database) => database.tenant.createMany({ data: [customers] })),
  ).rejects.toMatchObject({ code: 'P2039' });
  await withPostgres(variable('SYSTEM_DATABASE_URL'), async (client) => {
    await client.query('BEGIN');
    await client.query("SELECT set_config('app.system_work', 'keep canaries', true)");
    expect((await client.query('SELECT FROM users')).rowCount).toBe(0);
    expect((await client.query('SELECT FROM memberships')).rowCount).toBe(0);
  });
});

it('nobody logs in as them, and the answer is that for nobody by that name', async () => {
  const login = (email: string) => world.anonymous.post('/api/auth/login', { email, password: 'none' });
  const [theirs, nobodys] = [await login('canary@canary.invalid'), await login('nobody@canary.invalid')];
  expect(theirs.status).toBe(401);
  expect(theirs.text).toBe(nobodys.text);
});

it('nobody switches to them, and nobody is told that they are there', async () => {
  const { admin } = world.acme;
  const answers = await Promise.all(
    [...slugs, 'no-such-tenant'].map((tenant) => admin.post('/api/auth/switch', { tenant })),
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});

it.each(slugs)('no customer is given the short name %s', async (slug) => {
  const provisioning = testApp.get(TenantProvisioningService);
  await expect(provisioning.provision({ slug, name: 'a customer', members: [] })).rejects.toThrow('is reserved');
});
