import { startTestApp, type TestApp } from '../../support/test-app.js';
import { Client } from '../../support/client.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { createWorld, password, type World } from '../../support/world.js';
import { wrongFields } from '../../features/problem.js';
import { claimsOf, sessionOf, tokensOf } from './logins.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

async function visitor(): Promise<Client> {
  const { status, json } = await world.anonymous.post('/api/visitors', undefined);
  expect(status).toBe(201);
  return new Client(testApp.baseUrl, (json as { access_token: string }).access_token);
}
const write = (client: Client, text: unknown) => client.send('PUT', '/api/scratchpad', { text });
const read = async (client: Client) => ((await client.get('/api/scratchpad')).json as { text: string }).text;

it('a visitor gets a token that works for an hour, and nothing to refresh it with', async () => {
  const { json } = await world.anonymous.post('/api/visitors', undefined);
  expect(json).toEqual({ access_token: expect.any(String) as unknown, token_type: 'Bearer', expires_in: 3600 });
  const { exp, iat, role } = claimsOf((json as { access_token: string }).access_token);
  expect([Number(exp) - Number(iat), role]).toEqual([3600, 'visitor']);
});

it('two visitors, and the members of two tenants, each read what they wrote, and nobody else’s', async () => {
  const people = [await visitor(), await visitor(), world.acme.member, world.acme.viewer, world.globex.member];
  for (const person of people) expect(await read(person)).toBe('');
  await Promise.all(people.map((person, index) => write(person, `of person ${String(index)}`)));
  const texts = await Promise.all(people.map(read));
  expect(texts).toEqual(people.map((_, index) => `of person ${String(index)}`));
});

it('a visitor’s tenant and person are in no table, so that nothing in the database is theirs', async () => {
  const { token = '' } = await visitor();
  const { tenantId, userId } = sessionOf({ access_token: token });
  await withPostgres(adminUrl(), async (client) => {
    const count = async (statement: string, id: string) => (await client.query(statement, [id])).rowCount;
    expect(await count('SELECT FROM tenants WHERE id = $1', tenantId)).toBe(0);
    expect(await count('SELECT FROM users WHERE id = $1', userId)).toBe(0);
    expect(await count('SELECT FROM tenants WHERE id = $1', world.acme.id)).toBe(1);
  });
});

it('a visitor cannot be made a member’s role, nor a member a visitor', async () => {
  const { userId } = world.acme.viewer.identity;
  const { status } = await world.acme.admin.patch(`/api/members/${userId}`, { role: 'visitor' });
  expect(status).toBe(400);
  const set = (role: string) =>
    withPostgres(adminUrl(), (client) =>
      client.query('UPDATE memberships SET role = $1::role WHERE user_id = $2', [role, userId]),
    );
  await expect(set('visitor')).rejects.toMatchObject({ code: '22P02' }); // no value of the type
  await expect(set('viewer')).resolves.toMatchObject({ rowCount: 1 });
});

it('a visitor who logs in gets another session: the one they came with opens nothing of the tenant', async () => {
  const before = await visitor();
  await write(before, 'of a visitor');
  const credentials = { email: world.acme.member.email, password };
  const headers = { authorization: `Bearer ${before.token ?? ''}` };
  const tokens = tokensOf(await world.anonymous.post('/api/auth/login', credentials, headers));
  const visit = sessionOf({ access_token: before.token ?? '' });
  expect(sessionOf(tokens).sessionId).not.toBe(visit.sessionId);
  expect((await before.get('/api/projects/1')).status).toBe(403);
  expect(await read(new Client(testApp.baseUrl, tokens.access_token))).toBe('');
});

it('nobody chooses the session that a login opens', async () => {
  const credentials = { email: world.acme.member.email, password };
  const chosen = sessionOf({ access_token: (await visitor()).token ?? '' }).sessionId;
  for (const field of ['session', 'sessionId', 'session_id', 'sid']) {
    const refused = await world.anonymous.post('/api/auth/login', { ...credentials, [field]: chosen });
    expect(refused).toMatchObject({ status: 400, json: { errors: [{ path: field }] } });
  }
  const headers = { cookie: `session=${chosen}; sid=${chosen}; connect.sid=${chosen}`, 'x-session-id': chosen };
  const tokens = tokensOf(await world.anonymous.post('/api/auth/login', credentials, headers));
  const again = tokensOf(await world.anonymous.post('/api/auth/login', credentials, headers));
  const { sessionId, userId, tenantId } = sessionOf(tokens);
  expect(new Set([sessionId, sessionOf(again).sessionId, chosen, userId, tenantId]).size).toBe(5);
});

it('a visitor who leaves takes what they wrote with them', async () => {
  const client = await visitor();
  await write(client, 'mine');
  expect(await read(client)).toBe('mine');
  expect((await client.post('/api/auth/logout', undefined)).status).toBe(204);
  expect(await client.get('/api/scratchpad')).toMatchObject({ status: 401, json: { code: 'session-ended' } });
  expect((await write(client, 'again')).status).toBe(401);
});

it.each<[string, unknown]>([
  ['one byte too many', 'a'.repeat(4097)],
  ['few characters of many bytes', '𝒳'.repeat(1025)],
  ['NUL', 'a\0'],
  ['half of a surrogate pair', '\ud800'],
  ['no text', 7],
])('a scratchpad does not take %s', async (_, text) => {
  const client = await visitor();
  const { status, json } = await write(client, text);
  expect(status).toBe(400);
  expect(new Set(wrongFields(json))).toEqual(new Set(['text']));
  expect(await read(client)).toBe('');
  const longest = '𝒳'.repeat(1024);
  expect((await write(client, longest)).status).toBe(204);
  expect(await read(client)).toBe(longest);
});
