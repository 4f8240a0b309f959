import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { EventPublisher, EventSubscriptions, events } from '../../../src/isolation/realtime/index.js';
import { tenantChannel } from '../../../src/isolation/realtime/channels.js';
import { EventSeal } from '../../../src/isolation/realtime/event-seal.js';
import { enter, type Actor } from '../../support/actor.js';
import { variable } from '../../support/postgres.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { bearer, exchange } from '../http/wire.js';
import { Listening, names, nobodyListens } from './listening.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());
afterEach(() => nobodyListens(testApp));

const publish = (actor: Actor, app = testApp) =>
  actor.run(() => app.get(EventPublisher).publish(events.projectUpdated, { project: 1 }));
const counts = () => testApp.get(EventSubscriptions).counts;

/** A client that asks, and does not read on after the beginning of the answer. */
async function deafClient(actor: Actor, app = testApp): Promise<Socket> {
  const { hostname: host, port } = new URL(app.baseUrl);
  return new Promise((resolve) => {
    const callback = () => {
      resolve(socket);
      return false;
    };
    const socket = connect({ host, port: Number(port), onread: { buffer: Buffer.alloc(64), callback } });
    socket.on('error', () => undefined);
    socket.write(`GET /api/events HTTP/1.1\r\nhost: test\r\nauthorization: Bearer ${actor.token ?? ''}\r\n\r\n`);
  });
}
/** Faster than a tenant could. */
async function publishMany(tenantId: string, times: number): Promise<void> {
  const channel = tenantChannel({ tenantId });
  const { name, version } = events.projectUpdated;
  const seal = new EventSeal(variable('REALTIME_SEAL_KEY'));
  const message = seal.seal({
    channel,
    tenantId,
    userId: null,
    id: randomUUID(),
    name,
    version,
    body: '{"project":1}',
  });
  const redis = rawRedis('DURABLE_REDIS_URL');
  const pipeline = redis.pipeline();
  for (let time = 0; time < times; time++) pipeline.publish(channel, message);
  await pipeline.exec();
  redis.disconnect();
}
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

it('a stream has the headers of every answer, says when to come back, and that what is there is to be fetched', async () => {
  const stream = await Listening.open(testApp, world.acme.admin);
  expect(stream.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'private, no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    'content-security-policy': expect.any(String) as unknown,
  });
  expect(stream.first).toEqual({ event: 'ready', id: undefined, data: {} });
  const again = await Listening.open(testApp, world.acme.admin, { 'last-event-id': randomUUID() });
  expect(again.first.event).toBe('reset');
  stream.leave();
  again.leave();
});

it('HEAD has the headers of a stream, and listens to nothing', async () => {
  const head = { method: 'HEAD', path: '/api/events', headers: bearer(world.acme.admin.token) };
  const answer = await exchange(testApp.baseUrl, head);
  expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'text/event-stream' } });
  expect(answer.headers['cache-control']).toBe('private, no-store');
  expect(counts()).toEqual({ subscriptions: 0, channels: 0 });
});

it('a visitor, a token in the query and no token at all get a problem and no stream', async () => {
  const visitor = await enter(testApp, { tenantId: randomUUID(), userId: randomUUID(), role: 'visitor' });
  expect(await visitor.get('/api/events')).toMatchObject({ status: 403, json: { code: 'forbidden' } });
  const query = `?access_token=${world.acme.admin.token ?? ''}`;
  for (const path of ['/api/events', `/api/events${query}`])
    expect(await world.anonymous.get(path)).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
  const stream = await Listening.open(testApp, world.acme.viewer);
  stream.leave();
});

it('one person has ten streams in a tenant, and not one more; others are not counted with them', async () => {
  const { acme, globex } = world;
  const streams = await Promise.all(Array.from({ length: 10 }, () => Listening.open(testApp, acme.member)));
  const { status, json } = await acme.member.get('/api/events');
  expect({ status, json }).toMatchObject({ status: 429, json: { code: 'too-many-streams' } });
  for (const person of [acme.admin, globex.member]) streams.push(await Listening.open(testApp, person));
  streams.shift()?.leave();
  await until(() => counts().subscriptions === 11);
  streams.push(await Listening.open(testApp, acme.member));
  for (const stream of streams) stream.leave();
});

it('ten are ten, also when twenty are asked for at the same moment', async () => {
  const opened = await Promise.allSettled(Array.from({ length: 20 }, () => Listening.open(testApp, world.acme.member)));
  const streams = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(streams).toHaveLength(10);
  for (const stream of streams) stream.leave();
});

it('a process has as many streams as it may, and says that it has no more', async () => {
  process.env['REALTIME_MAX_STREAMS'] = '2';
  const small = await startTestApp();
  Reflect.deleteProperty(process.env, 'REALTIME_MAX_STREAMS');
  const streams = [await Listening.open(small, world.acme.admin), await Listening.open(small, world.globex.admin)];
  await expect(Listening.open(small, world.acme.viewer)).rejects.toThrow('503');
  streams.shift()?.leave();
  await until(() => small.get(EventSubscriptions).counts.subscriptions === 1);
  streams.push(await Listening.open(small, world.acme.viewer));
  for (const stream of streams) stream.leave();
  await small.close();
});

it('a client that does not read is cut off, and holds up nobody', async () => {
  const socket = await deafClient(world.acme.admin);
  const reader = await Listening.open(testApp, world.acme.viewer);
  let published = 0;
  while (counts().subscriptions === 2 && published < 200_000) {
    await publishMany(world.acme.id, 2000);
    published += 2000;
  }
  expect(counts().subscriptions).toBe(1);
  expect(await reader.received(published)).toHaveLength(published);
  socket.destroy();
  reader.leave();
});

it('a thousand clients that come and go leave nothing behind: no listener, no channel, no timer', async () => {
  const { acme, globex } = world;
  const people = [acme, globex].flatMap(({ admin, member, viewer }) => [admin, member, viewer]);
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const come = async (round: number) => {
    const streams = await Promise.all(people.map((person) => Listening.open(testApp, person)));
    if (round % 5 === 0) await publish(acme.admin);
    for (const stream of streams) stream.leave();
    await nobodyListens(testApp);
  };
  await come(0);
  const before = timers();
  for (let round = 1; round <= 167; round++) await come(round);
  expect(counts()).toEqual({ subscriptions: 0, channels: 0 });
  expect(timers()).toBeLessThan(before + 20); // a leak would be a thousand
  const redis = rawRedis('DURABLE_REDIS_URL');
  for (const { id } of [acme, globex]) expect(await redis.pubsub('CHANNELS', `*${id}*`)).toEqual([]);
  redis.disconnect();
  const stream = await Listening.open(testApp, acme.admin);
  await publish(acme.admin);
  expect(names(await stream.received(1))).toEqual(['project.updated']);
  stream.leave();
});

it('at shutdown streams end at once, also those of clients that do not read', async () => {
  const app = await startTestApp();
  const streams = [await Listening.open(app, world.acme.admin), await Listening.open(app, world.globex.admin)];
  const socket = await deafClient(world.acme.member, app);
  await app.close();
  for (const stream of streams) expect(await stream.over()).toBe('shutting-down');
  socket.destroy();
});
