import { Logger } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../../scripts/services/local-directory.js';
import { applicationLogger } from '../../../src/isolation/logging/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';
import { abandon, bearer, converse, exchange } from '../http/wire.js';
import { ProbeModule, releaseAll, waitingCount } from './probe.module.js';
import { recordsOf } from './records.js';

const level = process.env['LOG_LEVEL'];
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  process.env['LOG_LEVEL'] = 'debug';
  testApp = await startTestApp(ProbeModule);
  world = await createWorld(testApp);
});
afterAll(async () => {
  process.env['LOG_LEVEL'] = level;
  await testApp.close();
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const untilRequests = async (count: number, from: number) => {
  while (requestRecords(from).length < count) await sleep(5);
};
const requestRecords = (from = 0) => recordsOf(testApp.log.slice(from)).filter(({ context }) => context === 'Request');

it('of two tenants at the same time, each record is of the tenant, user and session whose request it was', async () => {
  const from = testApp.log.length;
  const owners = new Map<string, Person>();
  const people = [world.acme.admin, world.globex.admin, world.acme.viewer, world.globex.member];
  const ask = async (person: Person, method: string, path: string, body?: unknown) => {
    const { headers } = await person.send(method, path, body);
    owners.set(headers.get('x-request-id') ?? '', person);
  };
  const inPieces = async (person: Person) => {
    const text = JSON.stringify({ name: `made in pieces by ${person.email}`, description: '' });
    const headers = { ...bearer(person.token), 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const body = Array.from(text);
    const answer = await exchange(testApp.baseUrl, { method: 'POST', path: '/api/projects', headers, body });
    owners.set(String(answer.headers['x-request-id']), person);
  };
  const waits = people.flatMap((person) => [ask(person, 'GET', '/probe/wait'), ask(person, 'GET', '/probe/wait')]);
  while (waitingCount() < waits.length) await sleep(5);
  const rounds = Array.from({ length: 10 }, (_, round) =>
    people.flatMap((person) => [
      ask(person, 'GET', '/api/projects/1'),
      ask(person, 'GET', `/api/projects/${String(9000 + round)}`), // not there
      ask(person, 'POST', '/api/projects', { wrong: 'input' }),
      ask(person, 'PATCH', '/api/members/none', {}),
      ask(person, 'POST', '/probe/fail', { text: 'x', kind: 'sql' }),
      ask(person, 'POST', '/api/assistant/threads'),
      inPieces(person),
    ]),
  );
  await Promise.all(rounds.flat().slice(0, 40));
  releaseAll(); // all of them in one tick, which is nobody's
  await Promise.all([...rounds.flat(), ...waits]);
  await untilRequests(owners.size, from);

  const records = recordsOf(testApp.log.slice(from));
  expect(records.filter(({ context }) => context === 'Request')).toHaveLength(owners.size);
  const wrong = records.filter((record) => {
    const { tenantId, userId, sessionId } = owners.get(String(record['requestId']))?.identity ?? {};
    return (
      !tenantId || record['tenantId'] !== tenantId || record['userId'] !== userId || record['sessionId'] !== sessionId
    );
  });
  expect(wrong).toEqual([]);
  const messages = new Set(records.map(({ msg }) => msg));
  expect(messages).toEqual(new Set(['Request', 'waiting', 'waited', 'asked', 'A request failed']));
});

it('an answer that waits on its socket for another tenant’s is told of in its own scope', async () => {
  const from = testApp.log.length;
  const [first, second] = [world.acme.admin, world.globex.admin];
  const ask = (path: string, { token = '' }: Person, close: string) =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${close}\r\n`;
  const conversation = converse(
    testApp.baseUrl,
    ask('/probe/wait', first, '') + ask('/api/me', second, 'connection: close\r\n'),
  );
  while (waitingCount() < 1) await sleep(5);
  await second.get('/api/me'); // by now the pipelined one has its answer, too, and cannot send it
  releaseAll();
  await conversation;
  await untilRequests(3, from);
  const owners = requestRecords(from).map(({ route, tenantId }) => [route, tenantId]);
  expect(owners.filter(([route]) => route === '/probe/wait')).toEqual([['/probe/wait', first.identity.tenantId]]);
  const others = owners.filter(([route]) => route === '/api/me');
  expect(others).toEqual([1, 2].map(() => ['/api/me', second.identity.tenantId]));
});

it('a request that nobody has signed, or that is refused, has its id, no tenant, and a scope that says so', async () => {
  const from = testApp.log.length;
  const answers = await Promise.all([
    world.anonymous.get('/probe/public'),
    world.anonymous.get('/api/projects'),
    world.anonymous.get('/nothing/here'),
    world.anonymous.post('/api/auth/login', { email: world.acme.admin.email, password: 'wrong' }),
    world.anonymous.send('POST', '/api/auth/login', '{"broken'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 401, 400]);
  await untilRequests(answers.length, from);
  const records = recordsOf(testApp.log.slice(from));
  const ids = answers.map(({ headers }) => headers.get('x-request-id'));
  expect(new Set(requestRecords(from).map(({ requestId }) => requestId))).toEqual(new Set(ids));
  for (const record of records) {
    expect(record).toMatchObject({ scope: 'unauthenticated' });
    expect(ids).toContain(record['requestId']);
    expect(record).not.toHaveProperty('tenantId');
  }
});

it('a request is one line: method, pattern of the route, status, duration, and not what it said', async () => {
  const from = testApp.log.length;
  const { headers, status } = await world.acme.admin.get('/api/projects/1?limit=secret');
  await untilRequests(1, from);
  const { tenantId, userId, sessionId } = world.acme.admin.identity;
  const records = recordsOf(testApp.log.slice(from));
  expect(records).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      context: 'Request',
      msg: 'Request',
      method: 'GET',
      route: '/api/projects/:number',
      status,
      durationMs: expect.any(Number),
      requestId: headers.get('x-request-id'),
      ...{ tenantId, userId, sessionId },
    },
  ]);
  // The one that is shown there was written by the application: its fields are these, in this order.
  const document = readFileSync(join(projectRoot, 'docs/architecture.md'), 'utf8');
  const [shown = {}] = recordsOf(document.match(/^\{"level".*\}\n/m) ?? []);
  expect(Object.keys(shown)).toEqual(Object.keys(records[0] ?? {}));
  expect(shown).toMatchObject({
    route: records[0]?.['route'],
    requestId: expect.stringMatching(uuid),
    tenantId: expect.stringMatching(uuid),
  });
});

it('a client that goes away is a line, too', async () => {
  const from = testApp.log.length;
  const headers = { ...bearer(world.acme.admin.token), 'content-type': 'application/json', 'content-length': '100' };
  await abandon(testApp.baseUrl, { method: 'POST', path: '/api/projects', headers, body: ['{"na'] });
  await untilRequests(1, from);
  expect(requestRecords(from)).toMatchObject([{ route: '/api/projects', isAborted: true }]);
});

it.each([
  ['what is not HTTP', 'nonsense\r\n\r\n', 'malformed-request'],
  ['a path that is no URL', 'GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 'malformed-request'],
  ['more headers than are read', `GET / HTTP/1.1\r\nhost: x\r\na: ${'a'.repeat(20_000)}\r\n\r\n`, 'headers-too-large'],
])('%s is a line of the connection’s', async (_, bytes, code) => {
  const from = testApp.log.length;
  await converse(testApp.baseUrl, bytes);
  expect(recordsOf(testApp.log.slice(from))).toMatchObject([{ context: 'Connection', scope: 'connection', code }]);
});

it('boot is a system scope, and the application says nothing that is in none', () => {
  const records = recordsOf(testApp.log);
  expect(records.filter(({ scope }) => scope === 'boot').length).toBeGreaterThan(10);
  expect(records.filter(({ tenantId, scope }) => tenantId === undefined && scope === undefined)).toEqual([]);
  expect(records.filter(({ scope }) => scope === 'unknown')).toEqual([]);
});

it('a record outside any scope throws here, and says how to mend it; inside one it is written', async () => {
  const from = testApp.log.length;
  expect(() => new Logger('Somebody').log({ msg: 'for nobody', tenantId: world.acme.id, scope: 'boot' })).toThrow(
    /"Somebody" has no tenant.*system-scopes\.ts/,
  );
  expect(testApp.log).toHaveLength(from);
  await world.acme.admin.run(() => new Logger('Somebody').log({ msg: 'for Acme' }));
  expect(recordsOf(testApp.log.slice(from))).toMatchObject([{ msg: 'for Acme', tenantId: world.acme.id }]);
});

it('in production it is written as unknown: the record matters more', () => {
  const lines: string[] = [];
  const logger = applicationLogger(
    { LOG_LEVEL: 'log', NODE_ENV: 'production' },
    { write: (line) => void lines.push(line) },
  );
  logger.warn({ msg: 'for nobody', tenantId: world.acme.id }, 'Somebody');
  expect(recordsOf(lines)).toMatchObject([{ scope: 'unknown', context: 'Somebody' }]);
  expect(lines.join()).not.toContain(world.acme.id);
});

it('a field cannot say whose a record is, how grave, or when', async () => {
  const from = testApp.log.length;
  const forged = { tenantId: world.globex.id, userId: 'x', requestId: 'x', scope: 'boot', level: 'info', time: 'x' };
  await world.acme.admin.run(() => new Logger('Somebody').error({ msg: 'forged', ...forged }));
  const [line = ''] = testApp.log.slice(from);
  expect(line.match(/"(level|time|tenantId|requestId|scope)":/g)).toEqual([
    '"level":', '"time":', '"tenantId":', '"requestId":',
  ]); // prettier-ignore
  expect(JSON.parse(line)).toMatchObject({ level: 'error', tenantId: world.acme.id, requestId: 'test' });
});
