import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type World } from '../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

it.each(['viewer', 'member', 'admin'] as const)(
  'a %s is told which tenant they are in, and nothing more',
  async (role) => {
    for (const tenant of [world.acme, world.globex]) {
      const { status, json } = await tenant[role].get('/api/tenant');
      expect(status).toBe(200);
      expect(json).toEqual({ id: tenant.id, slug: tenant.slug, name: `Tenant ${tenant.marker}` });
    }
  },
);

it('a tenant can be neither listed, created, changed nor removed over HTTP', async () => {
  const { admin, id } = world.acme;
  for (const path of ['/api/tenants', `/api/tenants/${id}`, `/api/tenant/${id}`]) {
    expect((await admin.get(path)).status).toBe(404);
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    expect((await admin.send(method, '/api/tenant', method === 'DELETE' ? undefined : { name: 'new' })).status).toBe(
      404,
    );
  }
  expect((await admin.get('/api/tenant')).json).toMatchObject({ id, name: `Tenant ${world.acme.marker}` });
});
