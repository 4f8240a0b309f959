import { startAppProcess, type AppProcess } from '../../support/app-process.js';
import { Client } from '../../support/client.js';
import { contentPath, picture, upload } from '../../support/files.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, password, type World } from '../../support/world.js';
import { startLoad } from './load.js';

// Three processes, of which two have a wrong clock: by twice as much as a token or a link is good for.
let right: TestApp;
let slow: AppProcess;
let fast: AppProcess;
let world: World;
beforeAll(async () => {
  right = await startTestApp();
  [slow, fast] = (await Promise.all([-10, 10].map((clockAheadMinutes) => startAppProcess({ clockAheadMinutes })))) as [
    AppProcess,
    AppProcess,
  ];
}, 120_000);
beforeEach(async () => {
  world = await createWorld(right);
});
afterAll(async () => {
  await Promise.all([slow.kill(), fast.kill()]);
  await right.close();
});

type Place = { readonly baseUrl: string };
const places = () => [right, slow, fast];
const statusAt = async ({ baseUrl }: Place, token: string) => (await new Client(baseUrl, token).get('/api/me')).status;
async function loginAt({ baseUrl }: Place, email = world.acme.member.email): Promise<string> {
  const { status, json } = await new Client(baseUrl).post('/api/auth/login', { email, password });
  expect(status).toBe(200);
  return json.access_token as string;
}

it('a token is good where its time has not passed, and nowhere for longer than its session', async () => {
  const tokens = { right: await loginAt(right), slow: await loginAt(slow), fast: await loginAt(fast) };
  const at = (place: Place) =>
    Promise.all([tokens.right, tokens.slow, tokens.fast].map((token) => statusAt(place, token)));
  expect(await at(right)).toEqual([200, 401, 200]);
  expect(await at(slow)).toEqual([200, 200, 200]);
  expect(await at(fast)).toEqual([401, 401, 200]);

  const everywhere = await new Client(fast.baseUrl, tokens.fast).post('/api/auth/logout-everywhere', undefined);
  expect(everywhere.status).toBe(204);
  for (const place of places()) expect(await at(place)).toEqual([401, 401, 401]);
});

it('a refresh token that was used in one process is a reused one in the others: the session ends', async () => {
  const { email } = world.acme.viewer;
  const { json } = await new Client(slow.baseUrl).post('/api/auth/login', { email, password });
  const refreshAt = ({ baseUrl }: Place, token: unknown) =>
    new Client(baseUrl).post('/api/auth/refresh', { refresh_token: token });
  const second = await refreshAt(fast, json.refresh_token);
  expect(second.status).toBe(200);
  const third = await refreshAt(slow, second.json.refresh_token);
  expect(third.status).toBe(200);
  expect((await refreshAt(right, json.refresh_token)).status).toBe(401);
  for (const { json: tokens } of [second, third])
    for (const place of places()) expect(await statusAt(place, tokens.access_token as string)).toBe(401);
});

it('a link of a slow clock has expired where time is right, and ends with its session where it is not', async () => {
  const path = contentPath(await upload(world.acme.member, picture(world.acme.marker)));
  const token = await loginAt(slow);
  const link = await new Client(slow.baseUrl, token).post(path.replace('content', 'link'), {});
  expect(link.status).toBe(201);
  const follow = async ({ baseUrl }: Place) => (await new Client(baseUrl).get(link.json.url as string)).status;
  expect([await follow(slow), await follow(right), await follow(fast)]).toEqual([200, 401, 401]);
  await new Client(slow.baseUrl, token).post('/api/auth/logout', undefined);
  expect(await follow(slow)).toBe(401);
});

it('what one process changes, the others’ caches do not show any more, whose clock be what it may', async () => {
  const tokens = new Map<Place, string>();
  const { email } = world.acme.admin;
  for (const place of places()) tokens.set(place, await loginAt(place, email));
  const at = (place: Place) => new Client(place.baseUrl, tokens.get(place));
  for (const changing of places()) {
    for (const place of places()) await at(place).get('/api/projects/1');
    expect((await at(right).get('/api/projects/1')).headers.get('x-cache')).toBe('HIT');
    const name = `${world.acme.marker} ${String(places().indexOf(changing))}`;
    expect((await at(changing).patch('/api/projects/1', { name })).status).toBe(200);
    for (const place of places()) expect((await at(place).get('/api/projects/1')).json.name).toBe(name);
  }
});

it('under load of both tenants everything is accepted where tokens are good, and nothing leaks', async () => {
  const load = startLoad([world.acme, world.globex], () => [right.baseUrl, slow.baseUrl]);
  await load.succeeds(10);
  expect(Object.keys(await load.stop())).toEqual(['200', '201']);
});
