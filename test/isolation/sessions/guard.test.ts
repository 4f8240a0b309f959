import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { MissingTenantError, type TenantIdentity } from '../../../src/isolation/context/index.js';
import { AccessTokens, RefreshTokens } from '../../../src/isolation/http/index.js';
import { sessionEntries, Sessions, SessionStore } from '../../../src/isolation/sessions/index.js';
import { enter } from '../../support/actor.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { addMember } from '../http/people.js';
import { comparable } from '../http/rows.js';
import { bearer } from '../http/wire.js';

let testApp: TestApp;
let world: World;
let redis: Redis;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  redis = rawRedis('DURABLE_REDIS_URL');
});
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});

const issue = (identity: TenantIdentity) => testApp.get(AccessTokens).issue(identity);
const ask = async (identity: TenantIdentity) => world.anonymous.get('/api/projects/1', bearer(await issue(identity)));
const ended = { status: 401, json: { code: 'session-ended' } };
const alarms = () => testApp.get(SecurityEvents).count('sessions', 'session of somebody else');

describe('a signed token is refused when its session', () => {
  it('was guessed or chosen beforehand: nobody opened it, and no request does', async () => {
    const { identity } = world.acme.admin;
    const guessed = { ...identity, sessionId: randomUUID() };
    const before = alarms();
    for (let attempt = 0; attempt < 2; attempt++) expect(await ask(guessed)).toMatchObject(ended);
    expect(alarms()).toBe(before); // it is nobody's
    expect((await ask(identity)).text).toContain(world.acme.marker);
  });

  it.each<[string, (own: TenantIdentity, other: TenantIdentity) => TenantIdentity]>([
    ['is another tenant’s', (own, { sessionId }) => ({ ...own, sessionId })],
    ['is one’s own, in another tenant', (own, { tenantId }) => ({ ...own, tenantId })],
    ['is one’s own, as another user', (own, { userId }) => ({ ...own, userId })],
  ])('%s, and the alarm rings', async (_, mix) => {
    const [own, victim] = [world.globex.admin.identity, world.acme.admin.identity];
    const before = alarms();
    const refused = await ask(mix(own, victim));
    expect(refused).toMatchObject(ended);
    expect(alarms()).toBe(before + 1);
    expect(comparable(refused)).toEqual(comparable(await ask({ ...own, sessionId: randomUUID() })));
    expect((await ask(own)).text).toContain(world.globex.marker);
    expect((await ask(victim)).text).toContain(world.acme.marker);
  });

  it('is the same person’s in their other tenant', async () => {
    const { email, client } = await addMember(testApp, world.acme, 'admin');
    const { client: there } = await addMember(testApp, world.globex, 'viewer', email);
    const before = alarms();
    expect(await ask({ ...there.identity, tenantId: world.acme.id, role: 'admin' })).toMatchObject(ended);
    expect(await ask({ ...client.identity, tenantId: world.globex.id })).toMatchObject(ended);
    expect(alarms()).toBe(before + 2);
    expect((await ask(client.identity)).text).toContain(world.acme.marker);
    expect((await ask(there.identity)).text).toContain(world.globex.marker);
  });

  it('is another’s, at a refresh: the same', async () => {
    const tokens = testApp.get(RefreshTokens);
    const { admin } = world.globex;
    const refresh = async (identity: TenantIdentity) =>
      world.anonymous.post('/api/auth/refresh', { refresh_token: await tokens.issue(identity, 1) });
    const before = alarms();
    const { sessionId } = world.acme.admin.identity;
    expect(await refresh({ ...admin.identity, sessionId })).toMatchObject(ended);
    expect(alarms()).toBe(before + 1);
    expect((await ask(world.acme.admin.identity)).status).toBe(200);
    expect((await refresh((await enter(testApp, admin.identity)).identity)).status).toBe(200);
  });

  it('has been opened, and nobody has read yet what it grants', async () => {
    const { tenantId, userId, role } = world.acme.admin.identity;
    const ids = async () => (await redis.zrange(`v1:{${userId}}:sessions`, 0, -1)).map((member) => member.slice(37));
    const before = await ids();
    const { session, grant: pending } = await testApp.get(Sessions).start({ tenantId, userId }, async () => {
      const [sessionId = ''] = (await ids()).filter((id) => !before.includes(id));
      expect(await ask({ tenantId, userId, role, sessionId })).toMatchObject(ended);
      return sessionId;
    });
    expect(pending).toBe(session.sessionId);
    expect((await ask({ ...session, role })).status).toBe(200);
  });
});

it('a session of one’s own that has ended rings no alarm', async () => {
  const { identity } = await enter(testApp, world.acme.member.identity);
  expect((await ask(identity)).status).toBe(200);
  await testApp.get(Sessions).end(identity);
  const before = alarms();
  expect(await ask(identity)).toMatchObject(ended);
  expect(alarms()).toBe(before);
});

it('a session that is refused is told to log in again, by the rules of HTTP', async () => {
  const { headers } = await ask({ ...world.acme.admin.identity, sessionId: randomUUID() });
  expect(headers.get('www-authenticate')).toBe('Bearer');
});

it('what a session keeps must be registered, and short enough, and is kept for a session only', async () => {
  const store = testApp.get(SessionStore);
  const { scratchpad } = sessionEntries;
  await world.acme.admin.run(async () => {
    for (const operation of [() => store.read({ ...scratchpad }), () => store.write({ ...scratchpad }, 'x')])
      await expect(operation()).rejects.toThrow(/not registered.*session-entries\.ts/);
    await expect(store.write(scratchpad, 'é'.repeat(2049))).rejects.toThrow(RangeError);
    await expect(store.write(scratchpad, 'é'.repeat(2048))).resolves.toBeUndefined();
  });
  await expect(store.read(scratchpad)).rejects.toThrow(MissingTenantError);
  await expect(store.write(scratchpad, 'x')).rejects.toThrow(MissingTenantError);
});

it('every key of sessions names the person or the session it is about, and expires', async () => {
  const { identity } = await enter(testApp, world.acme.member.identity);
  const { tenantId, userId, sessionId } = identity;
  const keys = [
    `v1:{${userId}}:session:${tenantId}:${sessionId}`,
    `v1:{${userId}}:sessions`,
    `v1:{${sessionId}}:session-owner`,
  ];
  for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  const found: string[] = [];
  for (const id of [userId, sessionId])
    for await (const batch of redis.scanStream({ match: `*${id}*`, count: 1000 })) found.push(...(batch as string[]));
  const foreign = found.filter((key) => !/^v1:\{[\w-]+\}:(session:[\w-]+:[\w-]+|sessions|session-owner)$/.test(key));
  expect(foreign).toEqual([]);
  expect(new Set(found)).toEqual(new Set([...found, ...keys]));
});
