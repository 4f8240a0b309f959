import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { tenantChannel, userChannel } from '../../../src/isolation/realtime/channels.js';
import { EventSeal } from '../../../src/isolation/realtime/event-seal.js';
import { EventPublisher, events } from '../../../src/isolation/realtime/index.js';
import { Subscription } from '../../../src/isolation/realtime/subscription.js';
import { variable } from '../../support/postgres.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type TenantOfWorld, type World } from '../../support/world.js';
import { Listening, names } from './listening.js';

// What somebody can do who reads and writes Redis.
let testApp: TestApp;
let world: World;
let redis: Redis;
let listening: Listening;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  redis = rawRedis('DURABLE_REDIS_URL');
});
beforeEach(async () => {
  listening = await Listening.open(testApp, world.acme.admin);
});
afterEach(() => listening.leave());
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});

const channelOf = ({ id }: TenantOfWorld) => tenantChannel({ tenantId: id });
const count = (kind: string) => testApp.get(SecurityEvents).count('realtime', kind);
const publishOwn = (tenant: TenantOfWorld) =>
  tenant.admin.run(() => testApp.get(EventPublisher).publish(events.projectUpdated, { project: 1 }));

/** What Redis carries when the tenant publishes. */
async function overheard(channel: string, publish: () => Promise<void>): Promise<string> {
  const spy = rawRedis('DURABLE_REDIS_URL');
  await spy.subscribe(channel);
  const message = new Promise<string>((resolve) => spy.once('message', (_, text: string) => resolve(text)));
  await publish();
  const text = await message;
  await spy.quit();
  return text;
}

/** All that was published before has been dealt with when the tenant's own event comes. */
async function expectNothingBut(own: readonly string[]): Promise<void> {
  await publishOwn(world.acme);
  expect(names(await listening.received(own.length + 1))).toEqual([...own, 'project.updated']);
}

const claims = (tenant: TenantOfWorld, more: object = {}) => ({
  channel: channelOf(tenant),
  tenantId: tenant.id,
  userId: null,
  id: randomUUID(),
  name: 'project.created',
  version: 1,
  body: '{"project":1}',
  ...more,
});
const sealed = (fields: object, key = variable('REALTIME_SEAL_KEY')) => new EventSeal(key).seal(fields as never);
const otherKey = 'another key, of 32 characters or more';

it.each<[string, () => string]>([
  ['no message of ours', () => 'project.created'],
  ['empty', () => ''],
  ['JSON without a seal', () => JSON.stringify(Object.values(claims(world.acme)))],
  ['as a client would read it', () => 'event: project.created\ndata: {"project":1}\n\n'],
  ['sealed with another key', () => sealed(claims(world.acme), otherKey)],
  ['sealed, and altered', () => sealed(claims(world.acme)).replace('"project.created"', '"project.deleted"')],
  ['cut short', () => sealed(claims(world.acme)).slice(0, -1)],
  ['binary', () => Buffer.from([0, 255, 254, 10, 13]).toString('latin1')],
  ['huge', () => 'a'.repeat(8 * 1024 * 1024)],
  ['huge, and sealed', () => sealed(claims(world.acme, { body: JSON.stringify('a'.repeat(3000)) }))],
])('a message that is %s is not delivered, and rings', async (_, make) => {
  const before = count('forged event');
  await redis.publish(channelOf(world.acme), make());
  await expectNothingBut([]);
  expect(count('forged event')).toBe(before + 1);
});

it('a message copied from another tenant’s channel, or from a user’s, is not delivered, and rings', async () => {
  const before = count('misplaced event');
  const foreign = await overheard(channelOf(world.globex), () => publishOwn(world.globex));
  const { identity } = world.acme.member;
  const thread = randomUUID();
  const ofMember = await overheard(userChannel(identity), () =>
    world.acme.member.run(() => testApp.get(EventPublisher).publish(events.threadCreated, { thread })),
  );
  for (const message of [foreign, ofMember]) {
    await redis.publish(channelOf(world.acme), message);
    await redis.publish(userChannel(world.acme.admin.identity), message);
  }
  await expectNothingBut([]);
  expect(count('misplaced event')).toBe(before + 4);
});

it('a message that is repeated reaches only whom it reached, under the id that they know', async () => {
  const outsider = await Listening.open(testApp, world.globex.admin);
  const message = await overheard(channelOf(world.acme), () => publishOwn(world.acme));
  await redis.publish(channelOf(world.acme), message);
  await expectNothingBut(['project.updated', 'project.updated']);
  const [first, second, third] = listening.events;
  expect(second).toEqual(first);
  expect(third?.id).not.toBe(first?.id);
  await publishOwn(world.globex);
  expect(await outsider.received(1)).toHaveLength(1);
  outsider.leave();
});

it('an event that this version does not know, or that is told in the wrong scope, is not delivered', async () => {
  const { acme } = world;
  for (const fields of [
    { name: 'project.exploded' },
    { version: 2 },
    { name: 'thread.created', body: JSON.stringify({ thread: randomUUID() }) }, // of a user, to all
    { name: 'toString' },
    { body: '{"project":"one"}' }, // as a later version may have it that forgot to say so
  ])
    await redis.publish(channelOf(acme), sealed(claims(acme, fields)));
  await expectNothingBut([]);
});

it('an event that another version sealed is read when it says more, and rings when it says less; the process lives', async () => {
  const before = count('forged event');
  const { acme } = world;
  await redis.publish(channelOf(acme), sealed(claims(acme, { more: 'than this version knows' })));
  for (const fields of [{ body: undefined }, { version: '1' }])
    await redis.publish(channelOf(acme), sealed(claims(acme, fields)));
  await expectNothingBut(['project.created']);
  expect(count('forged event')).toBe(before + 2);
});

it('a listener that a defect of ours put into another tenant’s channel is told nothing there, and it rings', async () => {
  const { acme, globex } = world;
  const before = count('foreign event');
  const own = Object.getOwnPropertyDescriptor(Subscription.prototype, 'channels') as PropertyDescriptor & {
    get: () => string[];
  };
  const misled = {
    ...own,
    get(this: Subscription) {
      return [...own.get.call(this), channelOf(acme), userChannel(acme.admin.identity)];
    },
  };
  Object.defineProperty(Subscription.prototype, 'channels', misled);
  try {
    const intruder = await Listening.open(testApp, globex.admin);
    await expectNothingBut([]);
    const thread = randomUUID();
    await acme.admin.run(() => testApp.get(EventPublisher).publish(events.threadCreated, { thread }));
    expect(names(await listening.received(2))).toEqual(['project.updated', 'thread.created']);
    expect(count('foreign event')).toBe(before + 2);
    await publishOwn(globex);
    expect(await intruder.received(1)).toHaveLength(1);
    intruder.leave();
    await nobodyListensTo(globex);
  } finally {
    Object.defineProperty(Subscription.prototype, 'channels', own);
  }
});

it('a colleague’s event in a listener’s way is not delivered either', async () => {
  const { acme } = world;
  const fields = { channel: userChannel(acme.admin.identity), userId: acme.member.identity.userId };
  const thread = { name: 'thread.created', body: JSON.stringify({ thread: randomUUID() }) };
  await redis.publish(fields.channel, sealed(claims(acme, { ...fields, ...thread })));
  await expectNothingBut([]);
});

/** Resolves when the tenant's own channel has no subscriber. */
async function nobodyListensTo(tenant: TenantOfWorld): Promise<void> {
  const subscribers = async () => (await redis.pubsub('NUMSUB', channelOf(tenant)))[1];
  while ((await subscribers()) !== 0) await new Promise((resolve) => setImmediate(resolve));
}
