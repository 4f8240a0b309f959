import { randomUUID } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { Redis } from 'ioredis';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { RefreshTokens } from '../../../src/isolation/http/index.js';
import { Sessions } from '../../../src/isolation/sessions/index.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { addMember } from '../http/people.js';
import { comparable } from '../http/rows.js';
import { claimsOf, keyOf, Logins, sessionOf, tokensOf, type Tokens } from './logins.js';

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

const login = () => logins.login({ email: world.acme.member.email });
const ended = { status: 401, json: { code: 'session-ended' } };
const reuses = () => testApp.get(SecurityEvents).count('sessions', 'refresh token reused');
/** As if the last refresh were so long ago that the token before it is no longer taken. */
const letGracePass = async (tokens: Tokens) => redis.hincrby(keyOf(tokens), 'refreshed_at', -10_001);
const asSuperuser = (statement: string, ...values: string[]) =>
  withPostgres(adminUrl(), (client) => client.query(statement, values));

it('a refresh answers with new tokens of the same session, and the tenant', async () => {
  const first = await login();
  const answer = await logins.tryRefresh(first.refresh_token);
  const second = tokensOf(answer);
  expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: 300, tenant: { id: world.acme.id } });
  expect(sessionOf(second)).toEqual(sessionOf(first));
  expect(second.refresh_token).not.toBe(first.refresh_token);
  for (const tokens of [first, second]) expect(await logins.statusOf(tokens)).toBe(200);
});

it('refreshing on and on keeps one session, each time with the next token', async () => {
  let tokens = await login();
  const session = sessionOf(tokens);
  for (let generation = 2; generation < 6; generation++) {
    await letGracePass(tokens);
    tokens = await logins.refresh(tokens);
    expect(claimsOf(tokens.refresh_token)).toMatchObject({ session: session.sessionId, generation });
  }
  expect(await logins.statusOf(tokens)).toBe(200);
});

it('fifty refreshes with the same token at once all get one and the same next generation', async () => {
  const session = sessionOf(await login());
  const sessions = testApp.get(Sessions);
  const generations = await Promise.all(Array.from({ length: 50 }, () => sessions.refresh(session, 1)));
  expect(new Set(generations)).toEqual(new Set([2]));
  await expect(sessions.refresh(session, 2)).resolves.toBe(3);
});

it('tabs that refresh with the same token at once all go on', async () => {
  const tokens = await login();
  const events = reuses();
  const all = await Promise.all(Array.from({ length: 8 }, () => logins.refresh(tokens)));
  expect(new Set(all.map(({ refresh_token: token }) => claimsOf(token)['generation']))).toEqual(new Set([2]));
  expect(new Set(await Promise.all(all.map((each) => logins.statusOf(each))))).toEqual(new Set([200]));
  expect(reuses()).toBe(events);
  const next = all[0] ?? tokens;
  expect(claimsOf((await logins.refresh(next)).refresh_token)).toMatchObject({ generation: 3 });
});

it('a token used again after the grace ends the session for whoever has a token of it, and rings', async () => {
  const stolen = await login();
  const other = await login();
  const next = await logins.refresh(stolen);
  await letGracePass(next);
  const events = reuses();
  expect(await logins.tryRefresh(stolen.refresh_token)).toMatchObject(ended);
  expect(reuses()).toBe(events + 1);
  expect(await logins.tryRefresh(next.refresh_token)).toMatchObject(ended);
  for (const tokens of [stolen, next]) expect(await logins.statusOf(tokens)).toBe(401);
  expect(await logins.statusOf(other)).toBe(200);
});

it('within the grace, a token from before the last two refreshes is reuse, too', async () => {
  const first = await login();
  const third = await logins.refresh(await logins.refresh(first));
  expect(await logins.tryRefresh(first.refresh_token)).toMatchObject(ended);
  expect(await logins.statusOf(third)).toBe(401);
});

it('a token that Redis has not got to yet (it lost the last refresh) ends the session, instead of being believed', async () => {
  const second = await logins.refresh(await login());
  await redis.hset(keyOf(second), 'generation', 1);
  expect(await logins.tryRefresh(second.refresh_token)).toMatchObject(ended);
  expect(await logins.statusOf(second)).toBe(401);
});

it('a refresh gives the role that the membership has now', async () => {
  const { email, userId } = await addMember(testApp, world.acme, 'member');
  const tokens = await logins.login({ email });
  // By a superuser, so that nothing ends the session.
  await asSuperuser("UPDATE memberships SET role = 'viewer' WHERE user_id = $1", userId);
  const refreshed = await logins.refresh(tokens);
  expect(claimsOf(refreshed.access_token)).toMatchObject({ role: 'viewer' });
  expect((await logins.as(refreshed).post('/api/projects', { name: 'new' })).status).toBe(403);
});

it.each<[string, string, string]>([
  ['whose person was removed', "UPDATE memberships SET status = 'removed' WHERE user_id = $1", 'acme'],
  ['whose tenant was suspended', "UPDATE tenants SET status = 'suspended' WHERE id = (SELECT tenant_id FROM memberships WHERE user_id = $1)", 'own'],
])('a session %s behind our back is not refreshed, and ends', async (_, statement, where) => {
  const tenant = where === 'acme' ? world.acme : (await createWorld(testApp)).acme;
  const { email, userId } = await addMember(testApp, tenant, 'member');
  const tokens = await logins.login({ email });
  expect(await logins.statusOf(tokens)).toBe(200);
  await asSuperuser(statement, userId);
  expect(await logins.tryRefresh(tokens.refresh_token)).toMatchObject(ended);
  expect(await logins.statusOf(tokens)).toBe(401);
}); // prettier-ignore

it('a session is refreshed for thirty days, and not longer', async () => {
  const tokens = await login();
  const week = 7 * 86_400_000;
  expect(await redis.pttl(keyOf(tokens))).toBeGreaterThan(week - 60_000);
  await redis.hincrby(keyOf(tokens), 'opened_at', -29 * 86_400_000);
  const refreshed = await logins.refresh(tokens);
  expect(await redis.pttl(keyOf(refreshed))).toBeLessThanOrEqual(86_400_000);
  await redis.hincrby(keyOf(tokens), 'opened_at', -86_400_000);
  await logins.tryRefresh(refreshed.refresh_token);
  expect(await logins.statusOf(refreshed)).toBe(401);
});

describe('a refresh token is refused, in the same words as one of a session that has ended, when it', () => {
  it.each<[string, (tokens: Tokens) => string | Promise<string>]>([
    ['is an access token', ({ access_token: token }) => token],
    ['is no token', () => 'not-a-token'],
    ['has another signature', ({ refresh_token: token }) => token.replace(/.(.{8})$/, (end) => (end[0] === 'A' ? 'B' : 'A') + end.slice(1))],
    ['has no signature', ({ refresh_token: token }) => token.replace(/[^.]+$/, '')],
    ['names a session that was guessed', (tokens) => issue({ ...sessionOf(tokens), sessionId: randomUUID() })],
    ['is an access token, with all that a refresh token has', (tokens) => signFor('project-1041/api', tokens)],
    ['is of another issuer', (tokens) => signFor('project-1041/refresh', tokens, 'somebody else')],
    ['has a generation below one', (tokens) => issue(sessionOf(tokens), 0)],
    ['has a generation between two', (tokens) => issue(sessionOf(tokens), 1.5)],
  ])('%s', async (_, make) => {
    const tokens = await login();
    const gone = await login();
    await logins.as(gone).post('/api/auth/logout', undefined);
    const refused = await logins.tryRefresh(await make(tokens));
    expect(refused).toMatchObject(ended);
    expect(comparable(refused)).toEqual(comparable(await logins.tryRefresh(gone.refresh_token)));
    expect(await logins.statusOf(await logins.refresh(tokens))).toBe(200);
  }); // prettier-ignore

  const issue = (session: Parameters<RefreshTokens['issue']>[0], generation = 1) =>
    testApp.get(RefreshTokens).issue(session, generation);
  const signFor = (audience: string, tokens: Tokens, issuer = 'project-1041') => {
    const { userId, tenantId: tenant, sessionId: session } = sessionOf(tokens);
    const claims = { tenant, session, generation: 1, role: 'admin' };
    return testApp.get(JwtService, { strict: false }).sign(claims, { subject: userId, issuer, audience });
  };
});

it('a refresh token opens no route', async () => {
  const { refresh_token: token } = await login();
  expect(await logins.statusOf({ access_token: token, refresh_token: '' })).toBe(401);
  expect(await logins.statusOf(await login())).toBe(200);
});

it.each<[string, unknown, string[]]>([
  ['nothing', {}, ['refresh_token']],
  ['no text', { refresh_token: 7 }, ['refresh_token']],
  ['too long a token', { refresh_token: 'a'.repeat(2049) }, ['refresh_token']],
  ['a session of the sender’s choice', { refresh_token: 'a', session: randomUUID() }, ['session']],
])('a refresh with %s names the wrong field', async (_, body, paths) => {
  const { status, json } = await world.anonymous.post('/api/auth/refresh', body);
  expect(status).toBe(400);
  expect((json as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(paths);
});
