import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { memberRoles } from '../../../src/isolation/context/index.js';
import { startOwnRedis, type OwnRedis } from '../../support/own-redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, password, type World } from '../../support/world.js';
import { Logins } from './logins.js';

// A Redis of its own, because this suite takes it away.
let redis: OwnRedis;
let testApp: TestApp;
let world: World;
let logins: Logins;
beforeAll(async () => {
  redis = await startOwnRedis('DURABLE_REDIS_URL', true);
  process.env['DURABLE_COMMAND_TIMEOUT_MS'] = '1000';
  testApp = await startTestApp();
  logins = new Logins(testApp.baseUrl);
});
beforeEach(async () => {
  world = await createWorld(testApp);
});
afterAll(async () => {
  await testApp.close();
  await redis.stop();
});

async function bringBack() {
  await redis.startAgain();
  await untilReachable();
}
async function untilReachable() {
  while ((await world.anonymous.get('/health/ready')).status !== 200);
}

/** The guard's question is answered; what would end a session is not. */
async function withoutScripts(work: () => Promise<void>) {
  const raw = new Redis(redis.url);
  await raw.call('ACL', 'SETUSER', 'default', '-evalsha', '-eval');
  try {
    await work();
  } finally {
    await raw.call('ACL', 'SETUSER', 'default', '+@all');
    raw.disconnect();
  }
}

const unavailable = { status: 503, json: { code: 'sessions-unavailable' } };
const people = () => [world.acme, world.globex].flatMap((tenant) => memberRoles.map((role) => ({ tenant, role })));
const readAll = () => Promise.all(people().map(({ tenant, role }) => tenant[role].get('/api/projects/1')));

async function expectNobodyIn() {
  for (const answer of await readAll()) expect(answer).toMatchObject(unavailable);
  const { email } = world.acme.member;
  expect(await logins.tryLogin({ email })).toMatchObject(unavailable);
  expect(await world.anonymous.post('/api/visitors', undefined)).toMatchObject(unavailable);
  const ready = await world.anonymous.get('/health/ready');
  expect(ready).toMatchObject({ status: 503, json: { sessions: 'down' } });
  expect((await world.anonymous.get('/health/live')).status).toBe(200);
}
async function expectEverybodyIn() {
  const markers = people().map(({ tenant }) => tenant.marker);
  expect((await readAll()).map(({ json }) => json.description as string)).toEqual(markers);
}

it.each<[string, () => unknown, () => unknown]>([
  ['hangs', () => redis.signal('SIGSTOP'), () => redis.signal('SIGCONT')],
  ['is killed', () => redis.kill(), bringBack],
])('while Redis %s nobody is let in and everybody is told why; afterwards they go on', async (_, away, back) => {
  await expectEverybodyIn();
  await away();
  await expectNobodyIn();
  await back();
  await untilReachable();
  await expectEverybodyIn();
});

it('who was logged out before Redis was killed is still out when it is back, and tokens refresh on', async () => {
  const { email } = world.acme.member;
  const [out, kept] = [await logins.login({ email }), await logins.login({ email })];
  const next = await logins.refresh(kept);
  await logins.as(out).post('/api/auth/logout', undefined);
  await redis.kill();
  expect(await logins.tryRefresh(next.refresh_token)).toMatchObject(unavailable);
  await bringBack();
  expect(await logins.statusOf(out)).toBe(401);
  expect(await logins.statusOf(await logins.refresh(next))).toBe(200);
});

it('a removal, a new role and a new password that cannot end the sessions are not made', async () => {
  const { admin, member, id } = world.acme;
  const path = `/api/members/${member.identity.userId}`;
  const change = { current_password: password, new_password: 'another password, as long' };
  await withoutScripts(async () => {
    expect(await admin.delete(path)).toMatchObject(unavailable);
    expect(await admin.patch(path, { role: 'viewer' })).toMatchObject(unavailable);
    expect(await member.post('/api/auth/password', change)).toMatchObject(unavailable);
  });
  expect((await admin.get(path)).json).toMatchObject({ role: 'member' });
  expect((await member.get('/api/tenant')).json).toMatchObject({ id });
  expect((await logins.tryLogin({ email: member.email })).status).toBe(200);
  expect((await admin.delete(path)).status).toBe(204);
  expect((await member.get('/api/tenant')).status).toBe(401);
});

it('when Redis comes back empty everybody is logged out, and a new login is one’s own', async () => {
  await expectEverybodyIn();
  await redis.kill();
  rmSync(join(redis.directory, 'appendonlydir'), { recursive: true });
  await bringBack();
  for (const answer of await readAll()) expect(answer).toMatchObject({ status: 401, json: { code: 'session-ended' } });
  for (const tenant of [world.acme, world.globex]) {
    const tokens = await logins.login({ email: tenant.member.email });
    expect((await logins.as(tokens).get('/api/projects/1')).text).toContain(tenant.marker);
  }
});
