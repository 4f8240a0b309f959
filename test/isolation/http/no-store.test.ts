import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { contentPath, picture, upload } from '../../support/files.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { ProbeModule } from '../logging/probe.module.js';
import { addMember } from './people.js';
import { bearer, converse, exchange, json, type WireRequest } from './wire.js';

// Answers that take some preparation; headers.test.ts has those that a single request brings about.
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp(ProbeModule);
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const admin = () => world.acme.admin;
const get = (path: string, headers = {}): WireRequest => ({ path, headers: { ...bearer(admin().token), ...headers } });

/** What is still to be asked, when all is prepared for the answer. */
type Prepare = () => WireRequest | Promise<WireRequest>;

const answers: readonly (readonly [string, number, Prepare])[] = [
  ['what is as it was known', 304, async () => get('/api/me', { 'if-none-match': (await admin().get('/api/me')).headers.get('etag') ?? '' })],
  ['a file', 200, async () => get(contentPath(await upload(admin(), picture('own'))))],
  ['a file by its link', 200, async () => ({ path: await linkOf(contentPath(await upload(admin(), picture('own')))) })],
  ['a stream of events', 200, () => get('/api/events')],
  ['the last admin’s removal', 409, () => ({ ...get(`/api/members/${admin().identity.userId}`), method: 'DELETE' })],
  ['an assignee who is nobody', 422, () => ({ method: 'POST', path: '/api/projects/1/tasks', ...json({ title: 'x', assigneeId: world.globex.id }, admin().token) })],
  ['one attempt too many', 429, tooOften],
  ['a defect of ours', 500, () => ({ method: 'POST', path: '/probe/fail', ...json({ text: 'x' }, admin().token) })],
  ['the alarm', 503, ringTheAlarm],
  ['headers that are too large', 431, () => get('/api/me', { 'x-large': 'x'.repeat(20_000) })],
]; // prettier-ignore

async function linkOf(path: string): Promise<string> {
  const { json: link } = await admin().post(path.replace('/content', '/link'), undefined);
  return (link as { url: string }).url;
}

async function tooOften(): Promise<WireRequest> {
  const { client } = await addMember(testApp, world.acme, 'viewer');
  const attempt = { current_password: 'wrong', new_password: 'a new one, long enough' };
  for (let count = 0; count < 10; count++) await client.post('/api/auth/password', attempt);
  return { method: 'POST', path: '/api/auth/password', ...json(attempt, client.token) };
}

async function ringTheAlarm(): Promise<WireRequest> {
  const events = testApp.get(SecurityEvents);
  await testApp.get(TenantContext).run(admin().identity, 'test', () => {
    events.record({ layer: 'cache', kind: 'forged envelope', subject: 'made up' });
    return Promise.resolve();
  });
  return { path: '/health/isolation' };
}

it.each(answers)('%s (%i) is private and never stored', async (_, status, prepare) => {
  const answer = await exchange(testApp.baseUrl, await prepare());
  expect([answer.status, answer.headers['cache-control']]).toEqual([status, 'private, no-store']);
});

it('what is no HTTP at all (400) is private and never stored', async () => {
  const received = await converse(testApp.baseUrl, 'hello\r\n\r\n');
  expect(received).toMatch(/^HTTP\/1\.1 400 .*\r\ncache-control: private, no-store\r\n/s);
});

it('nothing redirects, and no method or type is negotiated: what would be 3xx, 405 or 406 elsewhere is answered, or is 404', async () => {
  const requests = [
    ['GET', '/api/projects/', 404],
    ['GET', '/api//projects', 404],
    ['GET', '/API/projects', 404],
    ['PUT', '/api/projects/1', 404],
    ['OPTIONS', '/api/projects/1', 404],
    ['GET', '/api/projects/1', 200],
  ] as const;
  for (const [method, path, status] of requests) {
    const answer = await exchange(testApp.baseUrl, { method, ...get(path, { accept: 'text/css' }) });
    expect([path, answer.status, answer.headers.location]).toEqual([path, status, undefined]);
    expect(answer.headers['cache-control']).toBe('private, no-store');
  }
});
