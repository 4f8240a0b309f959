import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const readable = ['/api/projects/1', '/api/projects', '/api/projects/1/tasks', '/api/projects/1/tasks/1', '/api/me', '/api/members', '/api/search?q=project']; // prettier-ignore
const tagOf = async (person: Person, path: string) => (await person.get(path)).headers.get('etag') ?? '';
const conditional = (person: Person, path: string, condition: string) =>
  person.get(path, { 'if-none-match': condition });

it.each(readable)('GET %s: who has the answer gets 304, without a body and with the headers of the answer', async (path) => {
  const { viewer } = world.acme;
  const whole = await viewer.get(path);
  const tag = whole.headers.get('etag') ?? '';
  expect(tag).toMatch(/^"[\w-]{43}"$/);
  const answer = await conditional(viewer, path, tag);
  expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', tag]);
  expect(answer.headers.get('cache-control')).toBe('private, no-store');
  for (const name of ['content-type', 'content-length']) expect(answer.headers.get(name)).toBeNull();
  expect(await conditional(viewer, path, '"another"')).toMatchObject({ status: 200, text: whole.text });
}); // prettier-ignore

it.each(readable)('GET %s: another tenant’s tag is none of one’s own, even for the same bytes', async (path) => {
  const { acme, globex } = world;
  const tags = await Promise.all([acme.viewer, acme.admin, globex.viewer].map((person) => tagOf(person, path)));
  expect(new Set(tags).size).toBe(3);
  for (const person of [globex.viewer, acme.admin])
    expect((await conditional(person, path, tags[0] ?? '')).status).toBe(200);
  expect((await conditional(acme.viewer, path, tags[0] ?? '')).status).toBe(304);
});

it('two tenants, or two URLs, of which the bodies are equal have different tags', async () => {
  const { acme, globex } = world;
  const empty = '/api/search?q=nothing-has-this';
  const answers = await Promise.all([acme.viewer.get(empty), globex.viewer.get(empty), acme.viewer.get(`${empty}-at-all`)]); // prettier-ignore
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(3);
});

it('a tag is a match in a list, called weak, and as *; and not in part, without quotes, or in another case', async () => {
  const { viewer } = world.acme;
  const path = '/api/projects/2';
  const tag = await tagOf(viewer, path);
  for (const condition of [`W/${tag}`, `"a", ${tag}`, `W/"a,b" , W/${tag},"c"`, '*', ' * '])
    expect([condition, (await conditional(viewer, path, condition)).status]).toEqual([condition, 304]);
  for (const condition of [
    tag.slice(1, -1),
    `${tag.slice(0, -2)}"`,
    tag.toUpperCase(),
    '"*"',
    'W/',
    '""',
    ',',
    `"x${tag.slice(1)}`,
    '*, "a"',
  ])
    // prettier-ignore
    expect([condition, (await conditional(viewer, path, condition)).status]).toEqual([condition, 200]);
});

it('a change makes the tag another; the cache does not', async () => {
  const { viewer, member } = world.acme;
  const path = '/api/projects/3';
  const missed = await viewer.get(path);
  const hit = await viewer.get(path);
  expect([missed.headers.get('x-cache'), hit.headers.get('x-cache')]).toEqual(['MISS', 'HIT']);
  const tag = missed.headers.get('etag') ?? '';
  expect(hit.headers.get('etag')).toBe(tag);
  await member.patch(path, { name: 'changed' });
  expect(await conditional(viewer, path, tag)).toMatchObject({ status: 200, json: { name: 'changed' } });
});

it('a tag brings back nothing that is gone, forbidden or logged out', async () => {
  const { acme, globex } = await createWorld(testApp);
  const path = '/api/projects/1';
  const condition = `*, ${await tagOf(acme.viewer, path)}`;
  expect((await world.anonymous.get(path, { 'if-none-match': condition })).status).toBe(401);
  await acme.member.delete(path);
  for (const each of [condition, '*']) expect((await conditional(acme.viewer, path, each)).status).toBe(404);
  const tag = await tagOf(globex.viewer, path);
  await globex.viewer.post('/api/auth/logout', undefined);
  for (const each of [tag, '*']) expect((await conditional(globex.viewer, path, each)).status).toBe(401);
});

it('HEAD has the tag of GET; what is no answer to a reader of the tenant has none', async () => {
  const { admin } = world.acme;
  const head = await admin.send('HEAD', '/api/projects/2');
  expect(head.headers.get('etag')).toBe(await tagOf(admin, '/api/projects/2'));
  expect((await admin.send('HEAD', '/api/projects/2', undefined, { 'if-none-match': '*' })).status).toBe(304);
  const others = [
    await admin.post('/api/projects', { name: 'created' }),
    await admin.send('PATCH', '/api/projects/2', '{"name":"changed"}', { 'if-none-match': '*' }),
    await admin.get('/api/projects/2147483647'),
    await admin.get('/health/live', { 'if-none-match': '*' }),
  ];
  expect(others.map(({ status, headers }) => [status, headers.get('etag')])).toEqual([[201, null], [200, null], [404, null], [200, null]]); // prettier-ignore
});
