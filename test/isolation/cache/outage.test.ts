import { startOwnRedis, type OwnRedis } from '../../support/own-redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

// A Redis of its own, because this suite takes it away.
let redis: OwnRedis;
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  redis = await startOwnRedis('REDIS_URL', false);
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(async () => {
  await testApp.close();
  await redis.stop();
});

const read = () => Promise.all([world.acme, world.globex].map(({ admin }) => admin.get('/api/projects/1')));

async function expectOwn(cache: 'HIT' | 'MISS') {
  const answers = await read();
  expect(answers.map(({ headers }) => headers.get('x-cache'))).toEqual([cache, cache]);
  expect(answers.map(({ json }) => json.description as string)).toEqual([world.acme.marker, world.globex.marker]);
}
async function untilCached() {
  for (;;) if ((await read()).every(({ headers }) => headers.get('x-cache') === 'HIT')) return;
}

it('while Redis hangs, every tenant is served its own from the database; afterwards from the cache again', async () => {
  await read();
  await expectOwn('HIT');
  redis.signal('SIGSTOP');
  for (let round = 0; round < 8; round++) await expectOwn('MISS');
  expect((await world.anonymous.get('/health/ready')).status).toBe(200);
  redis.signal('SIGCONT');
  await untilCached();
  await expectOwn('HIT');
});

it('a change made while Redis hangs is seen as soon as it answers: nothing from before is served', async () => {
  await untilCached();
  redis.signal('SIGSTOP');
  for (let round = 0; round < 8; round++) await read(); // until nothing is sent to Redis any more
  expect((await world.acme.admin.patch('/api/projects/1', { name: 'changed in the dark' })).status).toBe(200);
  redis.signal('SIGCONT');
  for (;;) {
    const { headers, json } = await world.acme.admin.get('/api/projects/1');
    expect(json.name).toBe('changed in the dark');
    if (headers.get('x-cache') === 'HIT') return;
  }
});

it('while Redis is gone, every tenant is served its own, and readiness says that the cache is down', async () => {
  redis.signal('SIGKILL');
  for (let round = 0; round < 8; round++) await expectOwn('MISS');
  const { status, json } = await world.anonymous.get('/health/ready');
  expect([status, json.cache]).toEqual([200, 'down']);
  expect((await world.acme.admin.patch('/api/projects/1', { name: 'changed' })).json.name).toBe('changed');
  expect((await world.acme.admin.get('/api/projects/1')).json.name).toBe('changed');
});
