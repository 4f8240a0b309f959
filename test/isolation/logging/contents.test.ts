import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { upload } from '../../support/files.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { converse } from '../http/wire.js';
import { ProbeModule } from './probe.module.js';
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

const canary = (where: string) => `canary-${where}-${randomUUID()}`;
const settled = async (from: number, requests: number) => {
  const ended = () => testApp.log.slice(from).filter((line) => line.includes('"context":"Request"')).length;
  while (ended() < requests) await sleep(5);
  return testApp.log.slice(from);
};

it('nothing of a body, name, header, query, path, password or token is in the log', async () => {
  const from = testApp.log.length;
  const { admin } = world.acme;
  const canaries = ['name', 'header', 'cookie', 'query', 'path', 'password', 'email', 'file', 'text'].map(canary);
  const [name = '', header = '', cookie = '', query = '', path = '', password = '', email = '', file = '', text = ''] =
    canaries;
  const login = { email: admin.email, password: 'a password of the test world', tenant: world.acme.slug };
  const { json: tokens } = await world.anonymous.post('/api/auth/login', login);
  const made = (await upload(admin, text, { name: `${file}.txt` })).json.number as number;
  const link = (await admin.post(`/api/projects/1/files/${String(made)}/link`, undefined)).json.url as string;
  const answers = await Promise.all([
    admin.post('/api/projects', { name, description: text }, { 'x-tenant-id': header, cookie }),
    admin.get(`/api/projects?status=${query}`),
    admin.get(`/${path}`),
    admin.get(`/api/projects/${path}`),
    world.anonymous.post('/api/auth/login', { email: `${email}@x.example`, password }),
    world.anonymous.post('/api/auth/login', { email: admin.email, password }),
    world.anonymous.post('/api/auth/refresh', { refresh_token: tokens.refresh_token as string }),
    world.anonymous.get(link),
    world.anonymous.get('/api/projects', { authorization: `Bearer ${header}` }),
    ...['sql', 'prisma', 'json', 'own'].map((kind) => admin.post('/probe/fail', { text, kind })),
  ]);
  expect(answers.slice(-4).map(({ status }) => status)).toEqual([500, 500, 500, 500]);
  const log = (await settled(from, answers.length + 3)).join('');
  for (const secret of [
    ...canaries,
    login.password,
    admin.token ?? '',
    tokens.access_token,
    tokens.refresh_token,
    link,
  ])
    expect(log).not.toContain(secret);
  expect(log).not.toContain('eyJ');
  const failures = recordsOf(testApp.log.slice(from)).filter(({ msg }) => msg === 'A request failed');
  expect(failures).toHaveLength(4); // and yet what failed can be told:
  for (const { error } of failures) expect(error).toMatchObject({ name: expect.any(String), stack: expect.any(Array) });
  expect(failures.map(({ error }) => (error as { name: string }).name)).toContain('PrismaClientKnownRequestError');
});

it('secrets that somebody does log are taken out, by the name of their field or by their form', async () => {
  const from = testApp.log.length;
  const logger = new Logger('Careless');
  const secret = canary('secret');
  const { token = '' } = world.acme.admin;
  await world.acme.admin.run(() => {
    logger.warn({
      msg: 'careless',
      authorization: secret,
      request: { headers: { cookie: secret, Authorization: secret } },
    });
    logger.warn({
      msg: 'careless',
      password: secret,
      user: [{ newPassword: secret, refresh_token: secret }],
      link: secret,
    });
    logger.warn({
      msg: `with ${token}`,
      JWT_SECRET: secret,
      TENANT_PROOF_KEY: secret,
      url: `redis://me:${secret}@host/1`,
    });
    logger.warn({ msg: 'kept', project: 7, key: 'v1:entry', tokens: 3 });
  });
  const log = testApp.log.slice(from);
  expect(log.join('')).not.toContain(secret);
  expect(log.join('')).not.toContain(token);
  expect(recordsOf(log)).toHaveLength(4);
  expect(recordsOf(log)[3]).toMatchObject({ project: 7, key: 'v1:entry', tokens: 3 });
});

const hostile = [
  ['CR and LF', '\r\n{"level":"error","tenantId":"forged","msg":"forged"}\r\n'],
  ['U+2028, U+2029 and NEL', '\u2028{"msg":"forged"}\u2029\u0085{"msg":"forged"}'],
  ['JSON that closes the string', '","tenantId":"forged","msg":"forged'],
  ['orders to the terminal', '\u001b[2J\u009b2J\u0007\u0000'],
  ['bidirectional controls', '\u202e}forged{\u2066'],
  ['a stack trace', 'x\n    at forged (file:///forged.js:1:1)\n'],
] as const;

describe.each(hostile)('%s', (_, text) => {
  it('stays inside its string, wherever a client’s text gets into a record', async () => {
    const from = testApp.log.length;
    const { admin } = world.acme;
    await admin.post(`/probe/say/${encodeURIComponent(text)}`, { text });
    for (const kind of ['sql', 'prisma', 'json', 'own']) await admin.post('/probe/fail', { text, kind });
    await admin.post('/api/projects', { name: text, description: text });
    await upload(admin, text, { name: text.replace(/[\r\n"]/g, '%0a') });
    await world.anonymous.post('/api/auth/login', { email: text, password: text });
    await admin.get(`/api/${encodeURIComponent(text)}`);
    const lines = await settled(from, 9);

    for (const line of lines) expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*\n$/);
    for (const record of recordsOf(lines)) expect(record['tenantId'] ?? record['scope']).not.toBe('forged');
    expect(recordsOf(lines).filter(({ msg }) => msg === 'forged')).toEqual([]);
    expect(recordsOf(lines)).toContainEqual(expect.objectContaining({ said: text, tenantId: admin.identity.tenantId }));
    expect(
      lines.filter(
        (line) => line.includes('at forged') && !line.includes('"msg":"said"') && !line.includes('"context":"Probe"'),
      ),
    ).toEqual([]);
  });
});

it('raw bytes in a request’s line and headers make no line of their own', async () => {
  const from = testApp.log.length;
  await converse(
    testApp.baseUrl,
    'GET /a\u2028b HTTP/1.1\r\nhost: x\r\nx-request-id: a\tb\r\nconnection: close\r\n\r\n',
  );
  await converse(testApp.baseUrl, 'GET /%0d%0aforged HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  const lines = testApp.log.slice(from);
  expect(lines.length).toBeGreaterThan(0);
  expect(recordsOf(lines).filter((record) => JSON.stringify(record).includes('forged'))).toEqual([]);
});
