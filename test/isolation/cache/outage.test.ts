import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type LocalRedis } from '../../../scripts/services/local-redis.js';
import { variable } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

// A Redis of its own, because this suite takes it away.
const sharedRedis = variable('REDIS_URL');
const directory = mkdtempSync(join(tmpdir(), 'project-1041-outage-'));
let redis: LocalRedis;
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  redis = await startRedis(directory, false);
  process.env['REDIS_URL'] = redis.url;
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(async () => {
  process.env['REDIS_URL'] = sharedRedis;
  await testApp.close();
  signal('SIGCONT');
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
});

const signal = (name: string) =>
  spawnSync('kill', [`-${name}`, readFileSync(join(directory, 'redis.pid'), 'utf8').trim()]);
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
  signal('SIGSTOP');
  for (let round = 0; round < 8; round++) await expectOwn('MISS');
  expect((await world.anonymous.get('/health/ready')).status).toBe(200);
  signal('SIGCONT');
  await untilCached();
  await expectOwn('HIT');
});

it('a change made while Redis hangs is seen as soon as it answers: nothing from before is served', async () => {
  await untilCached();
  signal('SIGSTOP');
  for (let round = 0; round < 8; round++) await read(); // until nothing is sent to Redis any more
  expect((await world.acme.admin.patch('/api/projects/1', { name: 'changed in the dark' })).status).toBe(200);
  signal('SIGCONT');
  for (;;) {
    const { headers, json } = await world.acme.admin.get('/api/projects/1');
    expect(json.name).toBe('changed in the dark');
    if (headers.get('x-cache') === 'HIT') return;
  }
});

it('while Redis is gone, every tenant is served its own, and readiness says that the cache is down', async () => {
  signal('SIGKILL');
  for (let round = 0; round < 8; round++) await expectOwn('MISS');
  const { status, json } = await world.anonymous.get('/health/ready');
  expect([status, json.cache]).toEqual([200, 'down']);
  expect((await world.acme.admin.patch('/api/projects/1', { name: 'changed' })).json.name).toBe('changed');
  expect((await world.acme.admin.get('/api/projects/1')).json.name).toBe('changed');
});
