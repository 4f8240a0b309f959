import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, password, type TenantOfWorld, type World } from '../../support/world.js';
import { absentRows, contentsOf, createRows, fill } from './rows.js';
import { bearer, exchange } from './wire.js';

// Everything but the token that could name a tenant, named by the other tenant's admin.
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const readable = [
  '/api/tenant',
  '/api/me',
  '/api/projects',
  '/api/projects/1',
  '/api/projects/1/tasks/1',
  '/api/members',
];

describe('a header that names the victim is ignored:', () => {
  it.each([
    'x-tenant-id',
    'x-tenant',
    'tenant-id',
    'tenant',
    'x-organization-id',
    'x-user-id',
    'x-role',
    'x-forwarded-user',
    'x-forwarded-host',
    'x-original-host',
    'forwarded',
    'host',
    'origin',
    'referer',
    'cookie',
    'x-original-url',
    'x-rewrite-url',
    'x-http-method-override',
  ])('%s', async (name) => {
    const { acme, globex } = world;
    const identity = acme.admin.identity;
    const values = [
      acme.id,
      acme.slug,
      `${acme.slug}.example`,
      `host=${acme.slug}.example`,
      `tenant=${acme.id}; tenantId=${acme.id}`,
      identity.userId,
      `/api/projects/1?tenantId=${acme.id}`,
      'DELETE',
    ];
    const get = (path: string, headers: Record<string, string>) =>
      exchange(testApp.baseUrl, { path, headers: { ...bearer(globex.admin.token), ...headers } });
    for (const path of readable) {
      const own = await get(path, {});
      expect(own.text).toContain(globex.marker);
      for (const value of values) {
        expect(await get(path, { [name]: value })).toMatchObject({ status: 200, text: own.text });
      }
    }
  });

  it('what is created under such headers is the creator’s', async () => {
    const { acme, globex } = world;
    const before = await contentsOf(testApp, acme);
    const headers = { 'x-tenant-id': acme.id, 'x-tenant': acme.slug, 'x-forwarded-host': `${acme.slug}.example` };
    const { status, json } = await globex.admin.post('/api/projects', { name: globex.marker }, headers);
    expect(status).toBe(201);
    expect(await contentsOf(testApp, acme)).toEqual(before);
    const { number } = json as { number: number };
    expect((await globex.admin.get(`/api/projects/${String(number)}`)).text).toContain(globex.marker);
  });
});

const namesOf = ({ id, slug }: TenantOfWorld): Record<string, unknown> => ({
  tenantId: id,
  tenant_id: id,
  tenant: slug,
  'tenant[id]': id,
  id,
  number: 1,
});

describe('a query parameter that names the victim', () => {
  it.each(['/api/projects', '/api/projects/1/tasks', '/api/members'])(
    'of GET %s is refused by its name',
    async (path) => {
      const { acme, globex } = world;
      for (const [field, value] of Object.entries(namesOf(acme))) {
        const query = new URLSearchParams({ limit: '100', [field]: String(value) });
        const answer = await globex.admin.get(`${path}?${String(query)}`);
        expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-input' } });
        expect(answer.json).toHaveProperty('errors', [{ path: field, message: 'is not a known field' }]);
      }
      expect((await globex.admin.get(`${path}?limit=100`)).text).toContain(globex.marker);
    },
  );

  it.each(['/api/tenant', '/api/me', '/api/projects/1', '/api/projects/1/tasks/1'])(
    'of GET %s, which has no parameters, changes nothing',
    async (path) => {
      const { acme, globex } = world;
      const own = await globex.admin.get(path);
      expect(own.text).toContain(globex.marker);
      for (const [field, value] of Object.entries(namesOf(acme))) {
        const query = new URLSearchParams({ [field]: String(value) });
        expect((await globex.admin.get(`${path}?${String(query)}`)).text).toBe(own.text);
      }
    },
  );
});

describe('a field of the body that names the victim, or what is not the sender’s to say, is refused by its name:', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['POST', '/api/projects', { name: 'valid' }],
    ['PATCH', '/api/projects/{project}', { name: 'valid' }],
    ['POST', '/api/projects/{project}/tasks', { title: 'valid' }],
    ['PATCH', '/api/projects/{project}/tasks/{task}', { title: 'valid' }],
    ['PATCH', '/api/members/{member}', { name: 'valid' }],
  ])('%s %s', async (method, path, valid) => {
    const { acme, globex } = world;
    const [rows = absentRows] = await createRows(testApp, globex, acme);
    const before = [await contentsOf(testApp, acme), await contentsOf(testApp, globex)];
    const fields = { ...namesOf(acme), userId: acme.admin.identity.userId, email: acme.admin.email, createdAt: 0 };
    for (const [field, value] of Object.entries(fields)) {
      const answer = await globex.admin.send(method, fill(path, rows), { ...valid, [field]: value });
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-input' } });
      expect(answer.json).toHaveProperty('errors', [{ path: field, message: 'is not a known field' }]);
    }
    const nested = { ...valid, project: { connect: { tenantId_number: { tenantId: acme.id, number: 1 } } } };
    expect((await globex.admin.send(method, fill(path, rows), nested)).status).toBe(400);
    expect([await contentsOf(testApp, acme), await contentsOf(testApp, globex)]).toEqual(before);
    expect((await globex.admin.send(method, fill(path, rows), valid)).status).toBeLessThan(300);
  });

  it('at login too, where only the slug of a tenant one belongs to chooses one', async () => {
    const { acme, globex, anonymous } = world;
    const credentials = { email: globex.admin.email, password };
    const login = (more: object) => anonymous.post('/api/auth/login', { ...credentials, ...more });
    for (const field of ['tenantId', 'tenant_id', 'id', 'role']) {
      const answer = await login({ [field]: acme.id });
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-input' } });
      expect(answer.json).toHaveProperty('errors', [{ path: field, message: 'is not a known field' }]);
    }
    expect(await login({ tenant: acme.slug })).toMatchObject({ status: 401, json: { code: 'wrong-credentials' } });
    expect(await login({ tenant: globex.slug })).toMatchObject({ status: 200, json: { tenant: { id: globex.id } } });
  });
});
