import { ConversationMemory } from '../../../src/isolation/memory/index.js';
import { startOwnRedis, type OwnRedis } from '../../support/own-redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

// A Redis of its own, because this suite takes it away.
let redis: OwnRedis;
let testApp: TestApp;
let world: World;
let memory: ConversationMemory;
beforeAll(async () => {
  redis = await startOwnRedis('DURABLE_REDIS_URL', true);
  testApp = await startTestApp();
  world = await createWorld(testApp);
  memory = testApp.get(ConversationMemory);
});
afterAll(async () => {
  await testApp.close();
  await redis.stop();
});

const exchange = { message: 'before the outage', answer: 'yes', sources: [], at: new Date(0).toISOString() };
const isBack = () => world.acme.member.run(() => memory.list()).then(() => true, () => false); // prettier-ignore
async function untilBack() {
  while (!(await isBack())) continue;
}

it('while Redis hangs, nothing is remembered, read or made up: every operation says that it is unavailable', async () => {
  const { member } = world.acme;
  const id = await member.run(() => memory.create());
  await member.run(() => memory.append(id, exchange));
  redis.signal('SIGSTOP');
  const operations = [
    () => memory.create(),
    () => memory.list(),
    () => memory.read(id),
    () => memory.append(id, exchange),
    () => memory.delete(id),
  ];
  await member.run(async () => {
    const results = await Promise.allSettled(operations.map((operation) => operation()));
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
  });
  redis.signal('SIGCONT');
  await untilBack();
});

it('after Redis was killed and came back, everybody has their own conversations again', async () => {
  const [member, other] = [world.acme.member, world.globex.member];
  const [id, others] = [await member.run(() => memory.create()), await other.run(() => memory.create())];
  await member.run(() => memory.append(id, exchange));
  await other.run(() => memory.append(others, { ...exchange, message: 'another tenant' }));
  await redis.kill();
  await expect(member.run(() => memory.read(id))).rejects.toMatchObject({ code: 'unavailable' });
  await redis.startAgain();
  await untilBack();
  expect((await member.run(() => memory.read(id))).map((item) => item.exchange.message)).toEqual(['before the outage']);
  expect((await other.run(() => memory.read(others))).map((item) => item.exchange.message)).toEqual(['another tenant']);
  await expect(other.run(() => memory.read(id))).rejects.toMatchObject({ code: 'not-found' });
});
