import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { addMember } from '../http/people.js';
import { comparable } from '../http/rows.js';
import { claimsOf, Logins, sessionOf, tokensOf, type Tokens } from './logins.js';

let testApp: TestApp;
let world: World;
let logins: Logins;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  logins = new Logins(testApp.baseUrl);
});
afterAll(() => testApp.close());

const switchTo = (tokens: Tokens, tenant: string) => logins.as(tokens).post('/api/auth/switch', { tenant });

/** A member of acme and viewer of globex, logged in to acme. */
async function consultant(): Promise<Tokens & { readonly userId: string }> {
  const { email, userId } = await addMember(testApp, world.acme, 'member');
  await addMember(testApp, world.globex, 'viewer', email);
  return { ...(await logins.login({ email, tenant: world.acme.slug })), userId };
}

it('a person of several tenants goes on in another, under another session id and with the role they have there', async () => {
  const before = await consultant();
  const answer = await switchTo(before, world.globex.slug);
  expect(answer.json).toMatchObject({ tenant: { id: world.globex.id }, expires_in: 300 });
  const after = tokensOf(answer);
  expect(claimsOf(after.access_token)).toMatchObject({ tenant: world.globex.id, role: 'viewer' });
  expect(sessionOf(after).sessionId).not.toBe(sessionOf(before).sessionId);
  const client = logins.as(after);
  expect((await client.get('/api/projects/1')).text).toContain(world.globex.marker);
  expect((await client.post('/api/projects', { name: 'new' })).status).toBe(403);
  expect(await logins.statusOf(await logins.refresh(after))).toBe(200);
});

it('the session that was left ends: neither of its tokens works on', async () => {
  const before = await consultant();
  expect(await logins.statusOf(before)).toBe(200);
  await switchTo(before, world.globex.slug);
  expect(await logins.statusOf(before)).toBe(401);
  expect((await logins.tryRefresh(before.refresh_token)).status).toBe(401);
});

it('what the session kept stays behind', async () => {
  const before = await consultant();
  const { acme, globex } = world;
  expect((await logins.as(before).send('PUT', '/api/scratchpad', { text: acme.marker })).status).toBe(204);
  expect((await logins.as(before).get('/api/scratchpad')).json).toEqual({ text: acme.marker });
  const after = tokensOf(await switchTo(before, globex.slug));
  expect((await logins.as(after).get('/api/scratchpad')).json).toEqual({ text: '' });
});

it('of two switches at once one succeeds, so that there is one session still', async () => {
  const before = await consultant();
  const answers = await Promise.all([world.globex, world.acme].map(({ slug }) => switchTo(before, slug)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
});

describe('a switch is refused, in the same words as to a tenant there is not, to', () => {
  it.each<[string, string | undefined, () => string]>([
    ['a tenant one does not belong to', undefined, () => world.globex.slug],
    ['a tenant by its id', undefined, () => world.acme.id],
    ['a tenant one was removed from', "UPDATE memberships SET status = 'removed' WHERE tenant_id = $1 AND user_id = $2", () => world.globex.slug],
  ])('%s', async (_, statement, target) => {
    const { email } = await addMember(testApp, world.acme, 'member');
    let tokens: Tokens = await logins.login({ email });
    if (statement !== undefined) {
      const both = await consultant();
      await withPostgres(adminUrl(), (client) => client.query(statement, [world.globex.id, both.userId]));
      tokens = both;
    }
    const refused = await switchTo(tokens, target());
    expect(refused).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(comparable(refused)).toEqual(comparable(await switchTo(tokens, randomUUID())));
    expect(await logins.statusOf(tokens)).toBe(200);
    expect((await switchTo(await consultant(), world.globex.slug)).status).toBe(200);
  }); // prettier-ignore

  it('a suspended tenant', async () => {
    const { globex } = await createWorld(testApp);
    const { email } = await addMember(testApp, world.acme, 'member');
    await addMember(testApp, globex, 'member', email);
    const tokens = await logins.login({ email, tenant: world.acme.slug });
    const set = (status: string) =>
      withPostgres(adminUrl(), (client) =>
        client.query('UPDATE tenants SET status = $1::tenant_status WHERE id = $2', [status, globex.id]),
      );
    await set('suspended');
    expect(comparable(await switchTo(tokens, globex.slug))).toEqual(comparable(await switchTo(tokens, randomUUID())));
    await set('active');
    expect((await switchTo(tokens, globex.slug)).status).toBe(200);
  });
});
