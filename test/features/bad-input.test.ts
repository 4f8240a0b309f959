import { gzipSync } from 'node:zlib';
import { bearer, exchange } from '../isolation/http/wire.js';
import { enter } from '../support/actor.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, password, type World } from '../support/world.js';
import { expectProblem, wrongFields } from './problem.js';

let testApp: TestApp;
let world: World;
let logged: number;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
beforeEach(() => {
  logged = testApp.log.length;
});
/** An alarm that any client can ring is none. */
afterEach(() => expect(testApp.log.slice(logged)).toEqual([]));
afterAll(() => testApp.close());

interface Route {
  readonly method: string;
  readonly path: string;
  readonly valid: Readonly<Record<string, unknown>>;
}

/** The routes that take a body, and one that each accepts as often as it is sent. */
const routes = (): readonly Route[] => [
  { method: 'POST', path: '/api/auth/login', valid: { email: world.acme.admin.email, password } },
  { method: 'POST', path: '/api/auth/switch', valid: { tenant: world.acme.slug } },
  { method: 'PUT', path: '/api/scratchpad', valid: { text: 'valid' } },
  { method: 'POST', path: '/api/projects', valid: { name: 'valid', description: '' } },
  { method: 'PATCH', path: '/api/projects/1', valid: { name: 'valid' } },
  { method: 'POST', path: '/api/projects/1/tasks', valid: { title: 'valid', assigneeId: null } },
  { method: 'PATCH', path: '/api/projects/1/tasks/1', valid: { title: 'valid' } },
  { method: 'PATCH', path: `/api/members/${world.acme.viewer.identity.userId}`, valid: { name: 'valid' } },
];

/** Each time with a session of its own: a switch ends the one it is made with. */
async function send({ method, path }: Route, content: string | Buffer, headers: Record<string, string> = {}) {
  const { token } = await enter(testApp, world.acme.admin.identity);
  const length = { 'content-length': String(Buffer.byteLength(content)) };
  const announced = 'transfer-encoding' in headers ? {} : length;
  const all = { ...bearer(token), ...announced, ...headers };
  return exchange(testApp.baseUrl, { method, path, headers: all, body: [content] });
}
const sendJson = (route: Route, content: string | Buffer, headers: Record<string, string> = {}) =>
  send(route, content, { 'content-type': 'application/json', ...headers });

const manyFields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${String(index)}`, 0]));

describe('no route takes as a body', () => {
  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['broken JSON', '{"name":'],
    ['JSON with more after it', '{"name":"valid"} {"title":"valid"}'],
    ['null', 'null'],
    ['an empty list', '[]'],
    ['a list of what it takes', '[{"name":"valid","title":"valid"}]'],
    ['a number', '1'],
    ['a number that no double holds', '1e309'],
    ['a number of many digits', '9'.repeat(60_000)],
    ['a string', '"valid"'],
    ['true', 'true'],
    ['an object without fields', '{}'],
    ['fields of wrong types', '{"name":{},"description":1,"title":[],"email":1e309,"password":null,"role":-1,"status":false,"assigneeId":0}'],
    ['a field nobody knows', '{"unknown":1}'],
    ['thousands of fields nobody knows', JSON.stringify(manyFields)],
    ['a field __proto__', '{"name":"valid","title":"valid","__proto__":{"role":"admin"}}'],
    ['a field constructor', '{"name":"valid","title":"valid","constructor":{"prototype":{"role":"admin"}}}'],
    ['lists, 10,000 deep', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['objects, 10,000 deep', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ['lists, 10,000 deep, in every field', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)},"title":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['lists, 30,000 deep, that never end', '['.repeat(30_000)],
    ['JSON in UTF-16', Buffer.from('{"name":"valid","title":"valid"}', 'utf16le')],
    ['random bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  ])('%s', async (_, content) => {
    for (const route of routes()) {
      expectProblem(await sendJson(route, content));
      expect((await sendJson(route, JSON.stringify(route.valid))).status).toBeLessThan(300);
    }
  }); // prettier-ignore

  it('more than 64 KB, announced or not', async () => {
    const large = JSON.stringify({ name: 'a'.repeat(1 << 20) });
    for (const route of routes()) {
      const announced = await sendJson(route, large);
      const unannounced = await sendJson(route, large.slice(0, 70_000), { 'transfer-encoding': 'chunked' });
      for (const answer of [announced, unannounced]) {
        expect(answer.status).toBe(413);
        expectProblem(answer);
      }
      expect((await sendJson(route, JSON.stringify(route.valid))).status).toBeLessThan(300);
    }
  });

  it.each([
    'text/plain',
    'text/html',
    'application/xml',
    'application/octet-stream',
    'application/vnd.api+json',
    'multipart/form-data; boundary=x',
    'json',
    ';',
  ])('what it takes, declared as %s', async (type) => {
    for (const route of routes()) {
      const content = JSON.stringify(route.valid);
      expectProblem(await send(route, content, { 'content-type': type }));
      expectProblem(await send(route, content));
      expect((await sendJson(route, content)).status).toBeLessThan(300);
    }
  });

  it('what it takes, compressed', async () => {
    for (const route of routes()) {
      const content = JSON.stringify(route.valid);
      expectProblem(await sendJson(route, gzipSync(content), { 'content-encoding': 'gzip' }));
      expect((await sendJson(route, content)).status).toBeLessThan(300);
    }
  });
});

describe('no text field takes', () => {
  it.each<[string, unknown]>([
    ['NUL', 'a\0b'],
    ['the first half of a surrogate pair', 'a\ud800'],
    ['the second half of one', '\udc00a'],
    ['halves in the wrong order', 'a\udc00\ud800'],
    ['60,000 characters', 'a'.repeat(60_000)],
    ['a number', 7],
    ['a list', ['valid']],
    ['an object', { toString: 'valid' }],
    ['true', true],
  ])('%s; the answer names the field', async (_, value) => {
    for (const route of routes()) {
      for (const field of Object.keys(route.valid).filter((name) => name !== 'assigneeId')) {
        const answer = await sendJson(route, JSON.stringify({ ...route.valid, [field]: value }));
        expectProblem(answer);
        expect(new Set(wrongFields(JSON.parse(answer.text)))).toEqual(new Set([field]));
      }
      expect((await sendJson(route, JSON.stringify(route.valid))).status).toBeLessThan(300);
    }
  });
});

it.each([
  ['emoji', '👩‍👩‍👧‍👦 🏳️‍🌈 1️⃣'],
  ['characters composed and combined, which are not the same', 'é e\u0301 Å A\u030a ﬁ Ω'],
  ['text from right to left, with marks', '\u202eשלום\u202c مرحبا \u200f'],
  ['invisible characters, and spaces around', ' \ufeff\u200b\u00a0\u0001\u007f\t\r\n '],
  ['characters beyond the first plane', '𝒳𐍈𠜎'],
  ['what other languages read as theirs', `'; DROP TABLE projects; -- <script>alert(1)</script> {{7*7}} \${7*7} %s \\u0041 "\\"`],
])('%s come back as they were sent', async (_, text) => {
  const { admin, viewer } = world.acme;
  const places = [
    ['/api/projects/2', { name: text, description: text }],
    ['/api/projects/2/tasks/2', { title: text }],
    [`/api/members/${viewer.identity.userId}`, { name: text }],
  ] as const;
  for (const [path, body] of places) {
    expect((await admin.patch(path, body)).json).toMatchObject(body);
    expect((await admin.get(path)).json).toMatchObject(body);
  }
}); // prettier-ignore
