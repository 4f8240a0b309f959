import type { Redis } from 'ioredis';
import { ConversationMemory, memoryEntries } from '../../../src/isolation/memory/index.js';
import { indexKey, threadKey } from '../../../src/isolation/memory/memory-keys.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';

// Two processes' worth of the application: each has a connection of its own to Redis.
let testApp: TestApp;
let secondApp: TestApp;
let world: World;
let redis: Redis;
beforeAll(async () => {
  [testApp, secondApp] = await Promise.all([startTestApp(), startTestApp()]);
  world = await createWorld(testApp);
  redis = rawRedis('DURABLE_REDIS_URL');
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([testApp.close(), secondApp.close()]);
});

const entry = memoryEntries.conversation;
const exchangeOf = (text: string) => ({
  message: `question ${text}`,
  answer: `answer ${text}`,
  sources: [],
  at: new Date(0).toISOString(),
});
const create = (person: Person) => person.run(() => testApp.get(ConversationMemory).create());
const append = (person: Person, id: string, text: string, app = testApp) =>
  person.run(() => app.get(ConversationMemory).append(id, exchangeOf(text)));
const textsOf = (person: Person, id: string) =>
  person.run(async () => {
    const remembered = await testApp.get(ConversationMemory).read(id);
    return remembered.map(({ exchange }) => {
      expect(exchange).toEqual(exchangeOf(exchange.message.slice('question '.length)));
      return exchange.message.slice('question '.length);
    });
  });

it('appends of the same moment, from two processes, are all there, each whole, and in the order of their process', async () => {
  const { member } = world.acme;
  const id = await create(member);
  const numbers = Array.from({ length: entry.maximumItems / 2 }, (_, index) => index);
  const writes = [testApp, secondApp].flatMap((app, process) =>
    numbers.map((number) => append(member, id, `${String(process)}-${String(number)}`, app)),
  );
  await Promise.all(writes);
  const texts = await textsOf(member, id);
  expect(texts).toHaveLength(entry.maximumItems);
  for (const process of [0, 1]) {
    const own = texts.filter((text) => text.startsWith(`${String(process)}-`));
    expect(own).toEqual(numbers.map((number) => `${String(process)}-${String(number)}`));
  }
});

it('a thread keeps its newest exchanges, and no more than it may', async () => {
  const { member } = world.acme;
  const id = await create(member);
  const numbers = Array.from({ length: entry.maximumItems + 7 }, (_, index) => String(index));
  for (const number of numbers) await append(member, id, number);
  expect(await textsOf(member, id)).toEqual(numbers.slice(7));
});

it('an exchange larger than an item may be is refused, and one as large is kept', async () => {
  const { member } = world.acme;
  const id = await create(member);
  const largest = entry.maximumItemBytes - JSON.stringify({ ...exchangeOf(''), answer: '' }).length;
  const appendAnswer = (answer: string) =>
    member.run(() => testApp.get(ConversationMemory).append(id, { ...exchangeOf(''), answer }));
  await expect(appendAnswer('a'.repeat(largest + 1))).rejects.toThrow(/larger than/);
  await appendAnswer('a'.repeat(largest));
  expect(await member.run(() => testApp.get(ConversationMemory).read(id))).toHaveLength(1);
});

it('a slow append does not bring back a thread that its owner has deleted', async () => {
  const { member } = world.acme;
  const [id, living] = [await create(member), await create(member)];
  await append(member, id, 'before');
  await member.run(() => testApp.get(ConversationMemory).delete(id));
  await expect(append(member, id, 'too late')).rejects.toMatchObject({ code: 'not-found' });
  expect(await redis.exists(threadKey(entry, member.identity, id))).toBe(0);
  await append(member, living, 'in time');
  expect(await textsOf(member, living)).toEqual(['in time']);
});

it('appends and deletions of the same moment leave no exchange without its thread', async () => {
  const { viewer } = world.globex;
  const attempts = Array.from({ length: 10 }, async () => {
    const id = await create(viewer);
    await Promise.allSettled([
      append(viewer, id, 'a'),
      viewer.run(() => secondApp.get(ConversationMemory).delete(id)),
      append(viewer, id, 'b'),
    ]);
    expect(await redis.exists(threadKey(entry, viewer.identity, id))).toBe(0);
  });
  await Promise.all(attempts);
  expect(await viewer.run(() => testApp.get(ConversationMemory).list())).toEqual([]);
});

it('a user has as many threads as may be kept, also when they are asked for at once; the next is refused', async () => {
  const { viewer, member } = world.acme;
  const attempts = await Promise.allSettled(Array.from({ length: entry.maximumThreads + 5 }, () => create(viewer)));
  const created = attempts.filter(({ status }) => status === 'fulfilled');
  expect(created).toHaveLength(entry.maximumThreads);
  const answer = await viewer.post('/api/assistant/threads', undefined);
  expect(answer).toMatchObject({ status: 409, json: { code: 'too-many-threads' } });
  expect((await member.post('/api/assistant/threads', undefined)).status).toBe(201); // a limit of one's own
  const [oldest] = await viewer.run(() => testApp.get(ConversationMemory).list());
  await viewer.delete(`/api/assistant/threads/${oldest?.id ?? ''}`);
  expect((await viewer.post('/api/assistant/threads', undefined)).status).toBe(201);
});

describe('a thread’s time to live', () => {
  const ttlMs = entry.ttlSeconds * 1000;
  /** As if nobody had used the thread for so long. */
  async function age(person: Person, id: string, ms: number) {
    const lastUsed = Number(await redis.zscore(indexKey(entry, person.identity), id));
    await redis.zadd(indexKey(entry, person.identity), lastUsed - ms, id);
    await redis.pexpire(threadKey(entry, person.identity, id), Math.max(1, ttlMs - ms));
  }
  const lifetimeOf = (person: Person, id: string) => redis.pttl(threadKey(entry, person.identity, id));

  it.each<[string, (person: Person, id: string) => Promise<unknown>]>([
    ['reading', textsOf],
    ['appending', (person, id) => append(person, id, 'more')],
  ])('starts again with %s', async (_, use) => {
    const { admin } = world.globex;
    const id = await create(admin);
    await append(admin, id, 'something');
    await age(admin, id, ttlMs / 2);
    expect(await lifetimeOf(admin, id)).toBeLessThanOrEqual(ttlMs / 2);
    await use(admin, id);
    expect(await lifetimeOf(admin, id)).toBeGreaterThan(ttlMs / 2);
    await age(admin, id, ttlMs / 2);
    expect(await textsOf(admin, id)).toContain('something');
  });

  it('ends with it: it is not listed, read, written to or deleted any more', async () => {
    const { admin } = world.acme;
    const [id, other] = [await create(admin), await create(admin)];
    await append(admin, id, 'something');
    await age(admin, id, ttlMs + 1);
    const memory = testApp.get(ConversationMemory);
    expect((await admin.run(() => memory.list())).map((thread) => thread.id)).toEqual([other]);
    for (const use of [
      () => textsOf(admin, id),
      () => append(admin, id, 'x'),
      () => admin.run(() => memory.delete(id)),
    ])
      await expect(use()).rejects.toMatchObject({ code: 'not-found' });
    expect(await textsOf(admin, other)).toEqual([]);
  });
});

it('threads are listed last used first', async () => {
  const { member } = world.globex;
  const ids = [await create(member), await create(member), await create(member)];
  const base = Date.now();
  for (const [index, id] of ids.entries()) await redis.zadd(indexKey(entry, member.identity), base - 1000 * index, id);
  const list = async () => (await member.run(() => testApp.get(ConversationMemory).list())).map(({ id }) => id);
  expect(await list()).toEqual(ids);
  await append(member, ids[2] ?? '', 'used');
  expect(await list()).toEqual([ids[2], ids[0], ids[1]]);
});
