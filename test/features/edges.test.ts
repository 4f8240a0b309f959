// Where features, libraries and defaults meet: each of these once went wrong.
import { createHmac } from 'node:crypto';
import { addMember } from '../isolation/http/people.js';
import { bearer, converse, exchange } from '../isolation/http/wire.js';
import { Client } from '../support/client.js';
import { variable } from '../support/postgres.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, password, type World } from '../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

it('role changes of one tenant made at once are all served', async () => {
  const { admin, member, viewer } = (await createWorld(testApp)).acme;
  const ids = [member.identity.userId, viewer.identity.userId];
  const change = (_: unknown, index: number) =>
    admin.patch(`/api/members/${ids[index % 2] ?? ''}`, { role: index % 4 < 2 ? 'admin' : 'viewer' });
  for (let round = 0; round < 3; round++) {
    const statuses = (await Promise.all(Array.from({ length: 20 }, change))).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  }
});

it.each([2_147_483_648, -2_147_483_649, Number.MAX_SAFE_INTEGER])('a cursor of %d is refused', async (position) => {
  const cursor = Buffer.from(String(position)).toString('base64url');
  const first = Buffer.from('2').toString('base64url');
  for (const list of ['/api/projects', '/api/projects/1/tasks']) {
    expect((await world.acme.viewer.get(`${list}?cursor=${cursor}`)).status).toBe(400);
    expect((await world.acme.viewer.get(`${list}?cursor=${first}`)).status).toBe(200);
  }
});

it('a form is no JSON: 415', async () => {
  const form = new URLSearchParams({ email: world.acme.admin.email, password }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await world.anonymous.send('POST', '/api/auth/login', form, headers)).status).toBe(415);
  const json = { email: world.acme.admin.email, password };
  expect((await world.anonymous.post('/api/auth/login', json)).status).toBe(200);
});

it('a task cannot be given to a removed member', async () => {
  const { userId: assigneeId } = await addMember(testApp, world.acme, 'member');
  const assign = () => world.acme.admin.post('/api/projects/1/tasks', { title: 'a', assigneeId });
  expect((await assign()).status).toBe(201);
  await world.acme.admin.delete(`/api/members/${assigneeId}`);
  expect((await assign()).status).toBe(422);
});

it.each(['limit=0x10', 'limit=01', 'limit=1e1', 'limit=1.0', 'limit=+1', '__proto__=1', 'constructor=1'])(
  '?%s is refused',
  async (query) => expect((await world.acme.viewer.get(`/api/projects?${query}`)).status).toBe(400),
);

it('a field named constructor is refused by its name', async () => {
  expect((await world.acme.admin.post('/api/projects', { name: 'a', constructor: 1 })).status).toBe(400);
});

it('an unreadable URL, and requests that are no HTTP, are answered like everything else', async () => {
  const { headers } = await exchange(testApp.baseUrl, { path: '/%', headers: bearer(world.acme.admin.token) });
  expect(headers).toHaveProperty('x-request-id');
  expect(headers).toHaveProperty('x-content-type-options', 'nosniff');
});

it.each([`GET /${'a'.repeat(20_000)} HTTP/1.1`, 'FETCH / HTTP/1.1'])(
  '%.10s… gets problem+json, private, no-store',
  async (line) => {
    const received = await converse(testApp.baseUrl, `${line}\r\nHost: a\r\n\r\n`);
    expect(received).toMatch(/content-type: application\/problem\+json/i);
    expect(received).toMatch(/cache-control: private, no-store/i);
  },
);

it.each<[string, (claims: object) => unknown]>([
  ['without an end', (claims) => ({ ...claims, exp: undefined })],
  ['with its tenant in capitals', (claims) => ({ ...claims, tenant: world.acme.id.toUpperCase() })],
  ['that claims null', () => null],
])('a signed token %s is refused, and one that has all accepted', async (_, change) => {
  const { identity } = world.acme.admin;
  const claims = {
    sub: identity.userId,
    tenant: identity.tenantId,
    session: identity.sessionId,
    role: 'admin',
    iss: 'project-1041',
    aud: 'project-1041/api',
    exp: Math.floor(Date.now() / 1000) + 60,
  };
  const sign = (payload: unknown) => {
    const signed = [{ alg: 'HS256', typ: 'JWT' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${createHmac('sha256', variable('JWT_SECRET')).update(signed).digest('base64url')}`;
  };
  const ask = (payload: unknown) => new Client(testApp.baseUrl, sign(payload)).get('/api/tenant');
  expect((await ask(change(claims))).status).toBe(401);
  expect((await ask(claims)).status).toBe(200);
});

it('a person provisioned with capitals in their e-mail can log in', async () => {
  const { email } = await addMember(testApp, world.acme, 'member', `Ada@${world.acme.marker}.example`);
  expect((await world.anonymous.post('/api/auth/login', { email, password })).status).toBe(200);
});

it('a refusal says how to authenticate (RFC 9110, 11.6.1)', async () => {
  expect((await world.anonymous.get('/api/tenant')).headers.get('www-authenticate')).toMatch(/^Bearer/);
});

it('probes at once do not make the service look unready', async () => {
  const probes = Array.from({ length: 300 }, () => exchange(testApp.baseUrl, { path: '/health/ready' }));
  expect(new Set((await Promise.all(probes)).map(({ status }) => status))).toEqual(new Set([200]));
});
