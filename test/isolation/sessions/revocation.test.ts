import type { Redis } from 'ioredis';
import { PeopleRepository } from '../../../src/features/auth/people.repository.js';
import { sessionEntries, Sessions, SessionStore } from '../../../src/isolation/sessions/index.js';
import { enter } from '../../support/actor.js';
import type { Answer, Client } from '../../support/client.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, password, type TenantOfWorld, type World } from '../../support/world.js';
import { addMember } from '../http/people.js';
import { pausingCommit } from './paused-commit.js';
import { keyOf, Logins, sessionOf, tokensOf, type Tokens } from './logins.js';

let testApp: TestApp;
let world: World;
let logins: Logins;
let redis: Redis;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  logins = new Logins(testApp.baseUrl);
  redis = rawRedis('DURABLE_REDIS_URL');
});
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});

const newPassword = 'another password, as long';
const ended = { status: 401, json: { code: 'session-ended' } };

/** Somebody of both tenants, logged in twice here and once there; and somebody else of this tenant. */
interface Scene {
  readonly email: string;
  readonly userId: string;
  readonly here: Tokens;
  readonly alsoHere: Tokens;
  readonly there: Tokens;
  readonly colleague: Tokens;
}
async function setScene(): Promise<Scene> {
  const { acme, globex } = world;
  const { email, userId } = await addMember(testApp, acme, 'member');
  await addMember(testApp, globex, 'member', email);
  const enterAt = ({ slug }: TenantOfWorld) => logins.login({ email, tenant: slug });
  const [here, alsoHere, there] = [await enterAt(acme), await enterAt(acme), await enterAt(globex)];
  return { email, userId, here, alsoHere, there, colleague: await logins.login({ email: acme.viewer.email }) };
}

const sessions = ['here', 'alsoHere', 'there', 'colleague'] as const;
type SessionName = (typeof sessions)[number];
const living = async (scene: Scene): Promise<SessionName[]> => {
  const statuses = await Promise.all(sessions.map((name) => logins.statusOf(scene[name])));
  return sessions.filter((_, index) => statuses[index] === 200);
};
const memberPath = ({ userId }: Scene) => `/api/members/${userId}`;

describe('ends at once, for access token and refresh token alike, and ends nothing else:', () => {
  it.each<[string, (scene: Scene) => Promise<Answer>, SessionName[]]>([
    ['logout', ({ here }) => logins.as(here).post('/api/auth/logout', undefined), ['alsoHere', 'there', 'colleague']],
    ['logout everywhere', ({ here }) => logins.as(here).post('/api/auth/logout-everywhere', undefined), ['colleague']],
    ['a new password', ({ here }) => logins.as(here).post('/api/auth/password', { current_password: password, new_password: newPassword }), ['colleague']],
    ['the end of another session of one’s own', ({ here, alsoHere }) => logins.as(here).delete(`/api/auth/sessions/${sessionOf(alsoHere).sessionId}`), ['here', 'there', 'colleague']],
    ['removal from the tenant', (scene) => world.acme.admin.delete(memberPath(scene)), ['there', 'colleague']],
    ['another role in the tenant', (scene) => world.acme.admin.patch(memberPath(scene), { role: 'viewer' }), ['there', 'colleague']],
    ['the same role once more: nothing', (scene) => world.acme.admin.patch(memberPath(scene), { role: 'member' }), [...sessions]],
    ['another name: nothing', (scene) => world.acme.admin.patch(memberPath(scene), { name: 'new' }), [...sessions]],
    ['the other tenant’s admin, who removes them there', (scene) => world.globex.admin.delete(memberPath(scene)), ['here', 'alsoHere', 'colleague']],
    ['a removal under another spelling of the id: nothing', ({ userId }) => world.acme.admin.delete(`/api/members/${userId.toUpperCase()}`), [...sessions]],
    ['a removal that is refused: nothing', (scene) => logins.as(scene.here).delete(memberPath(scene)), [...sessions]],
  ])('%s', async (_, act, left) => {
    const scene = await setScene();
    expect(await living(scene)).toEqual([...sessions]);
    await act(scene);
    expect(await living(scene)).toEqual(left);
    for (const name of sessions) {
      const refreshed = await logins.tryRefresh(scene[name].refresh_token);
      expect(refreshed).toMatchObject(left.includes(name) ? { status: 200 } : ended);
    }
  }); // prettier-ignore
});

it('the last admin, whose removal is refused, stays logged in', async () => {
  const { acme } = await createWorld(testApp);
  expect((await acme.admin.delete(`/api/members/${acme.admin.identity.userId}`)).status).toBe(409);
  expect((await acme.admin.get('/api/tenant')).status).toBe(200);
});

describe('a new password', () => {
  const change = (client: Client, current: string, next = newPassword) =>
    client.post('/api/auth/password', { current_password: current, new_password: next });

  it('opens a new session for who set it, and is the one that counts from then on', async () => {
    const { email, here } = await setScene();
    const next = tokensOf(await change(logins.as(here), password));
    expect(await logins.statusOf(next)).toBe(200);
    expect(sessionOf(next)).toMatchObject({ tenantId: world.acme.id });
    expect(sessionOf(next).sessionId).not.toBe(sessionOf(here).sessionId);
    const tenant = world.acme.slug;
    expect((await logins.tryLogin({ email, tenant })).status).toBe(401);
    expect((await logins.tryLogin({ email, tenant, password: newPassword })).status).toBe(200);
  });

  it('needs the current one; without it nothing changes and nobody is logged out', async () => {
    const scene = await setScene();
    const refused = await change(logins.as(scene.here), 'wrong');
    expect(refused).toMatchObject({ status: 401, json: { code: 'wrong-credentials' } });
    expect(await living(scene)).toEqual([...sessions]);
    expect((await logins.tryLogin({ email: scene.email, tenant: world.acme.slug })).status).toBe(200);
  });

  it('that is too short is refused by its name', async () => {
    const { here } = await setScene();
    const { status, json } = await change(logins.as(here), password, 'short');
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ path: 'new_password' }] });
  });

  it('of two set at once, one is the new one, and only sessions opened with it live', async () => {
    const { email, here } = await setScene();
    const nexts = [`${newPassword} 1`, `${newPassword} 2`];
    const answers = await Promise.all(nexts.map((next) => change(logins.as(here), password, next)));
    const valid = await Promise.all(
      nexts.map(async (next) => (await logins.tryLogin({ email, tenant: world.acme.slug, password: next })).status),
    );
    expect(valid.toSorted()).toEqual([200, 401]);
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 200) expect(await logins.statusOf(tokensOf(answer))).toBe(valid[index]);
    }
  });
});

describe('a slow request does not bring back a session that has ended:', () => {
  const exists = (tokens: Tokens) => redis.exists(keyOf(tokens));
  const context = ({ here }: Scene) => ({ ...sessionOf(here), role: 'member' as const });
  const logOut = ({ here }: Scene) => logins.as(here).post('/api/auth/logout', undefined);

  it('writing what the session keeps', async () => {
    const scene = await setScene();
    const actor = await enter(testApp, context(scene));
    const store = testApp.get(SessionStore);
    await actor.run(async () => {
      await store.write(sessionEntries.scratchpad, 'while it lives');
      expect(await store.read(sessionEntries.scratchpad)).toBe('while it lives');
      await actor.post('/api/auth/logout', undefined);
      await expect(store.write(sessionEntries.scratchpad, 'too late')).rejects.toMatchObject({ code: 'session-ended' });
      expect(await store.read(sessionEntries.scratchpad)).toBeNull();
    });
    expect((await actor.get('/api/tenant')).status).toBe(401);
  });

  it('refreshing it', async () => {
    const scene = await setScene();
    await logOut(scene);
    await expect(testApp.get(Sessions).refresh(sessionOf(scene.here), 1)).rejects.toMatchObject({
      code: 'session-ended',
    });
    expect(await exists(scene.here)).toBe(0);
    await expect(testApp.get(Sessions).refresh(sessionOf(scene.alsoHere), 1)).resolves.toBe(2);
  });

  it('logging in, when all sessions of the person end while the login is under way', async () => {
    const scene = await setScene();
    const { tenantId, userId } = sessionOf(scene.here);
    const start = (meanwhile: () => Promise<unknown>) => testApp.get(Sessions).start({ tenantId, userId }, meanwhile);
    const end = () => world.acme.admin.delete(memberPath(scene)); // after the grant was read
    await expect(start(end)).rejects.toMatchObject({ code: 'session-ended' });
    await expect(start(() => Promise.resolve())).resolves.toBeDefined();
  });

  it('switching away from it', async () => {
    const scene = await setScene();
    const { userId } = sessionOf(scene.here);
    const owner = { tenantId: world.globex.id, userId };
    const start = (predecessor: Tokens, meanwhile: () => Promise<unknown>) =>
      testApp.get(Sessions).start(owner, meanwhile, { predecessor: sessionOf(predecessor) });
    await expect(start(scene.here, () => logOut(scene))).rejects.toMatchObject({ code: 'session-ended' });
    await expect(start(scene.here, () => Promise.resolve())).rejects.toMatchObject({ code: 'session-ended' });
    await expect(start(scene.alsoHere, () => Promise.resolve())).resolves.toBeDefined();
    expect(await living(scene)).toEqual(['there', 'colleague']);
  });
});

describe('of what happens at the same moment as a removal, no session lives on:', () => {
  it.each([0, 1, 2])('logins, refreshes and switches, round %i', async () => {
    const scene = await setScene();
    const { email, here, alsoHere, there } = scene;
    const tenant = world.acme.slug;
    const attempts = [
      ...Array.from({ length: 6 }, () => logins.tryLogin({ email, tenant })),
      ...Array.from({ length: 6 }, () => logins.tryRefresh(here.refresh_token)),
      ...Array.from({ length: 2 }, () => logins.as(there).post('/api/auth/switch', { tenant })),
    ];
    const [removed, ...answers] = await Promise.all([world.acme.admin.delete(memberPath(scene)), ...attempts]);
    expect(removed.status).toBe(204);
    const entered = answers.filter(({ status }) => status === 200).map(tokensOf);
    const statuses = await Promise.all([here, alsoHere, ...entered].map((tokens) => logins.statusOf(tokens)));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect((await logins.tryLogin({ email, tenant: world.globex.slug })).status).toBe(200);
  });
});

describe('a login that slips in before the commit, and still reads what was, is ended after it:', () => {
  it.each<[string, string, string, (scene: Scene) => Promise<Answer>]>([
    ['of a removal', 'memberships', 'user_id', (scene) => world.acme.admin.delete(memberPath(scene))],
    ['of a new role', 'memberships', 'user_id', (scene) => world.acme.admin.patch(memberPath(scene), { role: 'viewer' })],
    ['of a new password', 'users', 'id', ({ there }) => logins.as(there).post('/api/auth/password', { current_password: password, new_password: newPassword })],
  ])('%s', async (_, table, column, act) => {
    const scene = await setScene();
    const login = () => logins.login({ email: scene.email, tenant: world.acme.slug });
    const between: Tokens[] = [];
    const answer = await pausingCommit({ table, column, id: scene.userId }, () => act(scene), async () => {
      const tokens = await login();
      expect(await logins.statusOf(tokens)).toBe(200);
      between.push(tokens);
    });
    expect(answer.status).toBeLessThan(300);
    expect(await Promise.all(between.map((tokens) => logins.statusOf(tokens)))).toEqual([401]);
    expect(await logins.statusOf(scene.colleague)).toBe(200);
  }); // prettier-ignore
});

it('a login whose password is a new one meanwhile is granted nothing', async () => {
  const { acme } = world;
  const { userId, email } = await addMember(testApp, acme, 'member');
  const people = testApp.get(PeopleRepository);
  const { passwordHash = '' } = (await people.findByEmail(email)) ?? {};
  const grant = () => people.findGrant({ userId, tenantId: acme.id }, passwordHash);
  expect(await grant()).toMatchObject({ role: 'member' });
  const change = { current_password: password, new_password: newPassword };
  expect((await logins.as(await logins.login({ email })).post('/api/auth/password', change)).status).toBe(200);
  expect(await grant()).toBeNull();
});
