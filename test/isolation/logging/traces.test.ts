import { context, propagation } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { contentPath } from '../../support/files.js';
import { variable } from '../../support/postgres.js';
import { startS3, type S3Server } from '../../support/s3-server.js';
import { startChatServer, type ChatServer } from '../../support/chat-server.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';
import { bearer, exchange } from '../http/wire.js';
import { startTelemetry, type Telemetry } from './telemetry.js';
import { ProbeModule, releaseAll, waitingCount } from './probe.module.js';

const given = { ...process.env };
/** What the bucket was asked. */
const received: { method: string; url: string; headers: IncomingHttpHeaders }[] = [];
let telemetry: Telemetry;
let chat: ChatServer;
let s3: S3Server;
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  telemetry = startTelemetry();
  chat = await startChatServer();
  s3 = await startS3('files');
  s3.onRequest = (method, { pathname }, headers) => void received.push({ method, url: pathname, headers });
  Object.assign(process.env, {
    ASSISTANT_API_KEY: 'sk-test',
    ASSISTANT_BASE_URL: chat.baseUrl,
    STORAGE_S3_BUCKET: 'files',
    STORAGE_S3_ENDPOINT: s3.endpoint,
    AWS_REGION: 'anywhere',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: variable('STORAGE_SEAL_KEY'),
  });
  testApp = await startTestApp(ProbeModule);
  world = await createWorld(testApp);
});
afterAll(async () => {
  process.env = given;
  await testApp.close();
  await chat.close();
  await s3.kill();
  telemetry.stop();
});
beforeEach(() => {
  telemetry.exporter.reset();
  telemetry.carried.length = 0;
});

const spansOf = (requestId: string): ReadableSpan[] =>
  telemetry.exporter.getFinishedSpans().filter(({ attributes }) => attributes['request.id'] === requestId);
const untilEnded = async (requestIds: readonly string[]) => {
  for (const id of requestIds) while (!spansOf(id).some(({ name }) => name === 'request')) await sleep(5);
};

it('of two tenants at the same time, each span is of the tenant, user and session whose request it is, in one trace', async () => {
  const owners = new Map<string, Person>();
  const people = [world.acme.admin, world.globex.admin, world.acme.viewer, world.globex.member];
  const ask = async (person: Person, method: string, path: string, body?: unknown) => {
    const { headers } = await person.send(method, path, body);
    owners.set(headers.get('x-request-id') ?? '', person);
  };
  const inPieces = async (person: Person) => {
    const headers = { ...bearer(person.token), 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const body = Array.from(JSON.stringify({ name: 'in pieces', description: '' }));
    const answer = await exchange(testApp.baseUrl, { method: 'POST', path: '/api/projects', headers, body });
    owners.set(String(answer.headers['x-request-id']), person);
  };
  const waits = people.map((person) => ask(person, 'GET', '/probe/wait'));
  while (waitingCount() < waits.length) await sleep(5);
  const others = Array.from({ length: 8 }, () =>
    people.flatMap((person) => [
      ask(person, 'GET', '/api/projects/1'),
      ask(person, 'GET', '/api/projects'),
      ask(person, 'POST', '/probe/fail', { text: 'x', kind: 'sql' }),
      inPieces(person),
    ]),
  );
  releaseAll();
  await Promise.all([...others.flat(), ...waits]);
  await untilEnded([...owners.keys()]);

  const names = new Set<string>();
  const traces = new Map<string, string>();
  for (const [requestId, { identity }] of owners) {
    const spans = spansOf(requestId);
    const { traceId } = spans[0]?.spanContext() ?? { traceId: '' };
    expect(traces.get(traceId)).toBeUndefined();
    traces.set(traceId, requestId);
    for (const span of spans) {
      names.add(span.name);
      expect(span.spanContext().traceId).toBe(traceId);
      const { tenantId, userId, sessionId } = identity;
      expect(span.attributes).toMatchObject({ 'tenant.id': tenantId, 'user.id': userId, 'session.id': sessionId });
    }
  }
  expect(names).toEqual(new Set(['request', 'statement', 'cache read']));
  const finished = telemetry.exporter.getFinishedSpans();
  expect(finished.filter((span) => traces.has(span.spanContext().traceId))).toHaveLength(
    [...owners.keys()].flatMap(spansOf).length,
  ); // none in these traces that says nothing of whose it is
});

it('baggage of the client’s changes nothing, and goes no further: neither inside nor to the assistant’s provider', async () => {
  const { admin } = world.acme;
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  const headers = { baggage: `tenant.id=${world.globex.id}`, traceparent };
  const id = (await admin.post('/api/assistant/threads', undefined, headers)).json.id as string;
  const answer = await admin.post(`/api/assistant/threads/${id}/messages`, { text: 'anything' }, headers);
  expect(answer.status).toBe(201);
  const requestId = answer.headers.get('x-request-id') ?? '';
  await untilEnded([requestId]);
  for (const { attributes } of spansOf(requestId)) expect(attributes['tenant.id']).toBe(world.acme.id);
  expect(telemetry.carried.length).toBeGreaterThan(0);
  expect(telemetry.carried.filter((carrier) => Object.keys(carrier).length > 0)).toEqual([]);
  const sent = chat.received.at(-1)?.headers ?? {};
  expect(Object.keys(sent)).not.toEqual(expect.arrayContaining(['baggage']));
  expect(JSON.stringify(sent)).not.toContain(world.globex.id);
});

it('baggage and trace of the client’s do not reach the bucket, whose client is instrumented', async () => {
  const { admin } = world.acme;
  const headers = {
    baggage: `tenant.id=${world.globex.id}`,
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
  };
  const form = new FormData();
  form.append('file', new Blob([Buffer.from('a text')]), 'file');
  const uploaded = await admin.send('POST', '/api/projects/1/files', form, headers);
  expect((await admin.get(contentPath(uploaded), headers)).text).toBe('a text');
  expect(received.map(({ method }) => method)).toEqual(['PUT', 'GET']);
  for (const request of received) {
    expect(request.headers).not.toHaveProperty('baggage');
    expect(JSON.stringify(request.headers)).not.toContain(headers.traceparent.slice(3, 35));
    expect(request.url).toContain(`/${world.acme.id}/`);
  }

  const victim = propagation.createBaggage({ 'tenant.id': { value: 'victim' } });
  await context.with(propagation.setBaggage(context.active(), victim), () =>
    exchange(s3.endpoint, { path: '/files/x' }),
  );
  expect(received.at(-1)?.headers['baggage']).toBe('tenant.id=victim'); // were it there, it would be sent
});

it('the propagator of this test would pass it on', () => {
  const carrier = {};
  propagation.inject(propagation.extract(context.active(), { baggage: 'tenant.id=victim' }), carrier);
  expect(carrier).toEqual({ baggage: 'tenant.id=victim' });
});

it('two tenants that send the same trace share none: it is linked', async () => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const ids = await Promise.all(
    [world.acme.admin, world.globex.admin].map(async (person) => {
      const { headers } = await person.get('/api/me', { traceparent: `00-${traceId}-${spanId}-01` });
      return headers.get('x-request-id') ?? '';
    }),
  );
  await untilEnded(ids);
  const requests = ids.map((id) => spansOf(id).find(({ name }) => name === 'request'));
  const traces = new Set(requests.map((span) => span?.spanContext().traceId));
  expect(traces.size).toBe(2);
  expect(traces).not.toContain(traceId);
  for (const span of requests) expect(span?.links).toMatchObject([{ context: { traceId, spanId } }]);
});

it('nothing of a path, a body or a statement’s values is in a span', async () => {
  const canary = `canary${randomBytes(8).toString('hex')}`;
  const { admin } = world.acme;
  const answers = await Promise.all([
    admin.post('/api/projects', { name: canary, description: canary }),
    admin.get(`/api/projects/${canary}`),
    admin.get(`/${canary}`),
    admin.post('/probe/fail', { text: canary, kind: 'sql' }),
  ]);
  await untilEnded(answers.map(({ headers }) => headers.get('x-request-id') ?? ''));
  const told = telemetry.exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
  expect(told.length).toBeGreaterThan(4);
  expect(JSON.stringify(told)).not.toContain(canary);
});
