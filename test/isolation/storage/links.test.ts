import { JwtService } from '@nestjs/jwt';
import { Sessions } from '../../../src/isolation/sessions/index.js';
import { enter } from '../../support/actor.js';
import type { Answer, Client } from '../../support/client.js';
import { picture, upload } from '../../support/files.js';
import { variable } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { comparable } from '../http/rows.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  for (const tenant of [world.acme, world.globex])
    for (const text of ['first', 'second'])
      expect((await upload(tenant.member, picture(`${text} of ${tenant.marker}`))).status).toBe(201);
});
afterAll(() => testApp.close());

const contentOf = (number: number, project = 1) => `/api/projects/${String(project)}/files/${String(number)}/content`;
async function linkOf(client: Client, number = 1): Promise<{ path: string; token: string; url: string }> {
  const { status, json } = await client.post(`/api/projects/1/files/${String(number)}/link`, {});
  expect(status).toBe(201);
  const { url } = json as { url: string };
  const [path = '', token = ''] = url.split('?link=');
  return { path, token, url };
}

/** What is told to somebody with a link that never was one. */
const never = () => world.anonymous.get(`${contentOf(1)}?link=never`);
async function expectNever(answer: Answer) {
  expect(answer).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
  expect(comparable(answer)).toEqual(comparable(await never()));
}

it('a link downloads its file without a token, and is the tenant’s own for the same number in both', async () => {
  for (const [own, other] of [
    [world.acme, world.globex],
    [world.globex, world.acme],
  ] as const) {
    const { status, text, headers } = await world.anonymous.get((await linkOf(own.member)).url);
    expect(status).toBe(200);
    expect(text).toContain(`first of ${own.marker}`);
    expect(text).not.toContain(other.marker);
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(headers.get('content-disposition')).toMatch(/^attachment/);
  }
});

it('a link is good for its tenant, whoever follows it: a token of another tenant beside it changes nothing', async () => {
  const { url } = await linkOf(world.acme.member);
  expect((await world.globex.admin.get(url)).text).toContain(`first of ${world.acme.marker}`);
  expect((await world.globex.admin.get(contentOf(1))).text).toContain(`first of ${world.globex.marker}`);
});

it.each<[string, (token: string) => string]>([
  ['to another file', (token) => `${contentOf(2)}?link=${token}`],
  ['to the same file in another project', (token) => `${contentOf(1, 2)}?link=${token}`],
  ['to the same path, spelt otherwise', (token) => `/api/projects/%31/files/1/content?link=${token}`],
  ['to what is known of the file', (token) => `/api/projects/1/files/1?link=${token}`],
  ['to the list of files', (token) => `/api/projects/1/files?link=${token}`],
  ['to a task', (token) => `/api/projects/1/tasks/1?link=${token}`],
  ['twice over', (token) => `${contentOf(1)}?link=${token}&link=${token}`],
])('turned %s, it is as good as none', async (_, turn) => {
  const { token, url } = await linkOf(world.acme.member);
  const answer = await world.anonymous.get(turn(token));
  await expectNever(answer);
  expect((await world.anonymous.get(url)).status).toBe(200);
});

it('with another method it is as good as none', async () => {
  const { path, token, url } = await linkOf(world.acme.admin);
  await expectNever(await world.anonymous.send('DELETE', `${path.replace('/content', '')}?link=${token}`));
  expect((await world.anonymous.get(url)).status).toBe(200);
});

it('a link is no access token, and an access token no link', async () => {
  const { token, url } = await linkOf(world.acme.admin);
  const { admin } = world.acme;
  expect((await world.anonymous.get('/api/projects', { authorization: `Bearer ${token}` })).status).toBe(401);
  expect((await world.anonymous.get(contentOf(1), { authorization: `Bearer ${token}` })).status).toBe(401);
  await expectNever(await world.anonymous.get(`${contentOf(1)}?link=${String(admin.token)}`));
  expect((await admin.get(contentOf(1))).status).toBe(200);
  expect((await world.anonymous.get(url)).status).toBe(200);
});

describe('made by hand', () => {
  interface Changes {
    readonly claims?: object;
    readonly secret?: string;
    readonly audience?: string;
    readonly expiresIn?: number;
  }
  /** A link as the application makes it, but for the changes. */
  async function forge(changes: Changes, path = contentOf(1)) {
    const { tenantId, userId, sessionId, role } = world.acme.member.identity;
    const claims = { tenant: tenantId, session: sessionId, role, sub: userId, ...changes.claims };
    const token = await new JwtService().signAsync(claims, {
      secret: changes.secret ?? variable('JWT_SECRET'),
      issuer: 'project-1041',
      audience: changes.audience ?? `project-1041/link:${path}`,
      expiresIn: changes.expiresIn ?? 60,
    });
    return world.anonymous.get(`${path}?link=${token}`);
  }

  it('with the right key and claims it is one: what follows is refused for its one change', async () => {
    expect((await forge({})).text).toContain(`first of ${world.acme.marker}`);
  });

  it.each<[string, Changes]>([
    ['signed with another key', { secret: 'another key, which is of 32 characters' }],
    ['that has expired', { expiresIn: -1 }],
    ['for another path', { audience: `project-1041/link:${contentOf(2)}` }],
    ['for any path', { audience: 'project-1041/link:' }],
    ['with a claim of another shape', { claims: { tenant: 'acme' } }],
    ['with a role that there is not', { claims: { role: 'owner' } }],
  ])('%s: as good as none', async (_, changes) => expectNever(await forge(changes)));

  it.each(['/api/projects/1', '/api/projects/1/files/1', '/api/members'])(
    'to %s, a route that no link is for: as good as none',
    async (path) => expectNever(await forge({}, path)),
  );

  it('with the victim’s tenant and one’s own session: as good as none', async () => {
    const { sessionId, userId } = world.globex.admin.identity;
    const answer = await forge({ claims: { session: sessionId, sub: userId } });
    expect(answer.status).toBe(401);
  });
});

it('a link dies with the session in which it was made', async () => {
  const { tenantId, userId, role } = world.acme.member.identity;
  const member = await enter(testApp, { tenantId, userId, role });
  const [{ url }, other] = [await linkOf(member), await linkOf(world.acme.member)];
  expect((await world.anonymous.get(url)).status).toBe(200);
  await testApp.get(Sessions).end(member.identity);
  expect((await world.anonymous.get(url)).status).toBe(401);
  expect((await world.anonymous.get(other.url)).status).toBe(200);
});

it('a link to a file that is deleted meanwhile finds nothing', async () => {
  const uploaded = await upload(world.acme.member, picture('short-lived'));
  const { number } = uploaded.json as { number: number };
  const { url } = await linkOf(world.acme.member, number);
  expect((await world.anonymous.get(url)).status).toBe(200);
  await world.acme.member.delete(`/api/projects/1/files/${String(number)}`);
  expect((await world.anonymous.get(url)).status).toBe(404);
});

it('its end is told, five minutes ahead, and is the token’s', async () => {
  const before = Date.now();
  const { json } = await world.acme.member.post('/api/projects/1/files/1/link', {});
  const { url, expiresAt } = json as { url: string; expiresAt: string };
  const { exp } = new JwtService().decode<{ exp: number }>(url.split('?link=')[1] ?? '');
  expect(Math.abs(exp * 1000 - Date.parse(expiresAt))).toBeLessThanOrEqual(1000); // a token counts in seconds
  expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(before + 300_000);
});
