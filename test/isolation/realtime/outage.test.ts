import { EventPublisher, events } from '../../../src/isolation/realtime/index.js';
import { startOwnRedis, type OwnRedis } from '../../support/own-redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { Listening, names, nobodyListens } from './listening.js';

// A Redis of its own, because this suite takes it away.
let redis: OwnRedis;
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  redis = await startOwnRedis('DURABLE_REDIS_URL', true);
  process.env['DURABLE_COMMAND_TIMEOUT_MS'] = '1000';
  Object.assign(process.env, { REALTIME_HEARTBEAT_SECONDS: '1', LOG_LEVEL: 'warn' });
  testApp = await startTestApp();
  Reflect.deleteProperty(process.env, 'REALTIME_HEARTBEAT_SECONDS');
  process.env['LOG_LEVEL'] = 'error';
  world = await createWorld(testApp);
});
afterAll(async () => {
  await testApp.close();
  await redis.stop();
});

const publish = (tenant: World['acme'], event = events.projectUpdated) =>
  tenant.admin.run(() => testApp.get(EventPublisher).publish(event, { project: 1 }));
const openAll = () =>
  Promise.all(
    [world.acme, world.globex]
      .flatMap(({ admin, viewer }) => [admin, viewer])
      .map((person) => Listening.open(testApp, person)),
  );

/** As clients do: again and again. Whoever was let in is let in once. */
async function openAgain(): Promise<Listening[]> {
  const people = [world.acme, world.globex].flatMap(({ admin, viewer }) => [admin, viewer]);
  return Promise.all(
    people.map(async (person) => {
      for (;;) {
        const opened = await Listening.open(testApp, person).catch((error: unknown) => String(error));
        if (typeof opened !== 'string') return opened;
        expect(opened).toMatch('503');
      }
    }),
  );
}

async function expectOwnEvents(streams: readonly Listening[]): Promise<void> {
  await publish(world.acme, events.projectCreated);
  await publish(world.globex, events.projectDeleted);
  for (const [index, stream] of streams.entries()) {
    const own = index < 2 ? 'project.created' : 'project.deleted';
    expect(await stream.got(own)).toBe(true);
    expect(names(stream.events).filter((name) => name !== 'project.updated')).toEqual([own]);
    stream.leave();
  }
  await nobodyListens(testApp);
}

it('when Redis is killed under load every stream ends and says so, nothing is held, and new ones work', async () => {
  const streams = await openAll();
  let isLoading = true;
  const load = Promise.all(
    [world.acme, world.globex].map(async (tenant) => {
      while (isLoading) {
        await publish(tenant);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }),
  );
  for (const stream of streams) await stream.received(3);
  await redis.kill();
  for (const stream of streams) expect(await stream.over()).toBe('interrupted');
  await nobodyListens(testApp);
  await expect(Listening.open(testApp, world.acme.admin)).rejects.toThrow('503');
  await redis.startAgain();
  const again = await openAgain();
  isLoading = false;
  await load;
  await expectOwnEvents(again);
});

it('when Redis hangs the heartbeat finds it, and the streams end', async () => {
  const streams = await openAll();
  redis.signal('SIGSTOP');
  for (const stream of streams) expect(await stream.over()).toBe('interrupted');
  redis.signal('SIGCONT');
  await expectOwnEvents(await openAgain());
});

it('a connection that only listens, and is cut, ends the streams: they would miss events in silence', async () => {
  const streams = await openAll();
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  for (const stream of streams) expect(await stream.over(3)).toBe('interrupted');
  await expectOwnEvents(await openAgain());
});

it('an event that cannot be published fails nothing: what it tells of is done, and the log says so', async () => {
  await redis.command('ACL', 'SETUSER', 'default', '-publish');
  const { status } = await world.acme.admin.patch('/api/projects/1', { description: 'done' });
  await redis.command('ACL', 'SETUSER', 'default', '+@all');
  expect(status).toBe(200);
  expect((await world.acme.viewer.get('/api/projects/1')).json).toMatchObject({ description: 'done' });
  expect(testApp.log.some((line) => line.includes('"event":"project.updated"'))).toBe(true);
});
