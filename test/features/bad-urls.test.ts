import { randomUUID } from 'node:crypto';
import { bearer, converse, exchange } from '../isolation/http/wire.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type World } from '../support/world.js';
import { expectProblem } from './problem.js';

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

const send = (method: string, path: string) =>
  exchange(testApp.baseUrl, { method, path, headers: bearer(world.acme.admin.token) });
const expectServing = async (path = '/api/projects/1') => expect((await send('GET', path)).status).toBe(200);

const long = 'a'.repeat(8000);

describe('in a path', () => {
  it.each([
    '0', '-1', '+1', '01', '1.0', '1.5', '1e0', '0x1', '0b1', '1_0', '1,0', '%201', '1%20', '1%0A', '%EF%BC%91',
    '2147483648', '99999999999999999999', '1e309', 'NaN', 'Infinity', 'null', 'undefined', 'true', '[object%20Object]',
    '%00', '1%00', '__proto__', 'constructor', 'toString', '%F0%9F%92%A9', '%27%20OR%201%3D1', '..%2F1', '1%2F..%2F2', '*',
    '9'.repeat(100), '9'.repeat(8000),
  ])('%s is no number', async (text) => {
    const paths = [`/api/projects/${text}`, `/api/projects/${text}/tasks`, `/api/projects/${text}/tasks/1`, `/api/projects/1/tasks/${text}`];
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) expectProblem(await send(method, path));
      await expectServing(path.replace(text, '1'));
    }
  }); // prettier-ignore

  it.each<[string, (uuid: string) => string]>([
    ['a number', () => '1'],
    ['a word', () => 'admin'],
    ['a UUID and more', (uuid) => `${uuid}0`],
    ['less than a UUID', (uuid) => uuid.slice(1)],
    ['a UUID in braces', (uuid) => `%7B${uuid}%7D`],
    ['a UUID without hyphens', (uuid) => uuid.replaceAll('-', '')],
    ['a UUID with a letter that is no digit', (uuid) => `g${uuid.slice(1)}`],
    ['a UUID and NUL', (uuid) => `${uuid}%00`],
    ['a UUID and a space', (uuid) => `${uuid}%20`],
    ['__proto__', () => '__proto__'],
    ['8,000 characters', () => long],
  ])('%s is no member', async (_, make) => {
    const { userId } = world.acme.viewer.identity;
    for (const method of ['GET', 'PATCH', 'DELETE']) expectProblem(await send(method, `/api/members/${make(userId)}`));
    await expectServing(`/api/members/${userId}`);
  });

  it.each([
    '/%', '/%E0%A4%A', '/%ZZ', '/api/projects/%', '/api/projects/%E0%A4%A', '/api/projects/%C0%AF', '/api/projects/1/tasks/%ff',
    '/api/members/%u0041', '/api/projects/1/', '/api//projects', '/API/PROJECTS', '/api/projects;a=b', '/api/./projects',
    '/api/../api/projects', '/api/projects/1/tasks/1/more', '/', '*', `/${long}`, `/api/${long}`, `/api/projects/1/${long}`,
  ])('%s leads nowhere', async (path) => {
    expectProblem(await send('GET', path));
    await expectServing();
  }); // prettier-ignore
});

const cursor = (position: unknown) => `cursor=${Buffer.from(JSON.stringify(position)).toString('base64url')}`;

describe('in the query of a list', () => {
  it.each([
    'limit=', 'limit=0', 'limit=-1', 'limit=1.5', 'limit=101', 'limit=2147483648', 'limit=99999999999999999999', 'limit=1e309',
    'limit=-1e309', 'limit=NaN', 'limit=Infinity', 'limit=ten', 'limit=null', 'limit=true', 'limit=1,2', 'limit=%00', 'limit=1%00',
    'limit=%E0%A4%A', 'limit=%', 'limit=1&limit=2', 'limit=&limit=', 'limit[]=1', 'limit[0]=1', 'limit[a]=1', 'limit', `limit=${'9'.repeat(8000)}`,
    'cursor=', 'cursor', 'cursor=!', 'cursor=%00', 'cursor=1', 'cursor=null', 'cursor=%F0%9F%92%A9', `cursor=${long}`, 'cursor=MQ&cursor=MQ',
    cursor(null), cursor(true), cursor(1.5), cursor('1'), cursor([1]), cursor({ number: 1 }), cursor('not-a-uuid'), cursor({ gt: 1 }),
    'status=', 'status=unknown', 'status=ACTIVE', 'status=active&status=archived', 'status[not]=active', 'status=%00',
    'unknown=1', 'limit=1&unknown=1', 'Limit=1', 'constructor.prototype=1', '%=1', '%ff=1', '=1', `${long}=1`, long,
    Array.from({ length: 1000 }, (_, index) => `p${String(index)}=1`).join('&'),
    Array.from({ length: 1000 }, () => 'limit=1').join('&'),
  ])('%s is refused', async (query) => {
    for (const list of ['/api/projects', '/api/projects/1/tasks', '/api/members']) {
      expectProblem(await send('GET', `${list}?${query}`));
      await expectServing(`${list}?limit=1`);
    }
  }); // prettier-ignore
});

it.each([
  'TRACE', 'OPTIONS', 'PUT', 'PROPFIND', 'PURGE', 'LINK', 'SEARCH', 'MKCOL', 'COPY', 'LOCK', 'M-SEARCH', 'REPORT', 'QUERY',
])('%s is a method of no route', async (method) => {
  for (const path of ['/', '/api/projects', '/api/projects/1', '/api/auth/login', '/health/live', '/nowhere']) {
    expectProblem(await send(method, path));
  }
  await expectServing();
}); // prettier-ignore

it.each([
  ['noise', Buffer.from(Array.from({ length: 256 }, (_, byte) => 255 - byte))],
  ['words', 'hello\r\n\r\n'],
  ['the beginning of TLS', Buffer.from('160301020001000001fc0303', 'hex')],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ['a method that nobody knows', 'FETCH /api/projects HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a version that nobody knows', 'GET /api/projects HTTP/9.9\r\nHost: a\r\n\r\n'],
  ['no host', 'GET /health/live HTTP/1.1\r\n\r\n'],
  ['a header without a colon', 'GET /health/live HTTP/1.1\r\nHost a\r\n\r\n'],
  ['a header with a line break', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX: a\nb\r\n\r\n'],
  ['two lengths', 'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
  ['a length below zero', 'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}'],
  ['a length and chunks', 'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a chunk of no length', 'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
])('%s instead of HTTP gets 400, and the others their answers', async (_, bytes) => {
  const [received] = await Promise.all([
    converse(testApp.baseUrl, bytes),
    ...Array.from({ length: 5 }, () => expectServing()),
    ...[world.acme, world.globex].map(({ admin }) => admin.patch(`/api/projects/2`, { name: randomUUID() })),
  ]);
  expect(received).toMatch(/^HTTP\/1\.1 400 /);
  const proper = 'GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  expect(await converse(testApp.baseUrl, proper)).toMatch(/^HTTP\/1\.1 200 /);
}); // prettier-ignore
