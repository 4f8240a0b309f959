import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ConversationMemory, memoryEntries } from '../../../src/isolation/memory/index.js';
import type { Client } from '../../support/client.js';
import { keysOf, rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';
import { addMember } from '../http/people.js';
import { comparable } from '../http/rows.js';

let testApp: TestApp;
let world: World;
let redis: Redis;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  redis = rawRedis('DURABLE_REDIS_URL');
});
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});

const threads = '/api/assistant/threads';
const exchange = { message: 'a question', answer: 'an answer', sources: [], at: new Date(0).toISOString() };

/** A thread with one exchange in it, which nobody but its owner may see. */
async function startThread(person: Client, secret: string): Promise<string> {
  const id = (await person.post(threads, undefined)).json.id as string;
  expect((await person.post(`${threads}/${id}/messages`, { text: secret })).status).toBe(201);
  return id;
}

const attackers: [string, () => Promise<Client> | Client][] = [
  ['another user of the tenant', () => world.acme.viewer],
  ['the tenant’s admin', () => world.acme.admin],
  ['the other tenant’s admin', () => world.attackerOf(world.acme)],
  [
    'the owner, in another tenant',
    async () => (await addMember(testApp, world.globex, 'admin', world.acme.member.email)).client,
  ],
];

describe.each(attackers)('the thread of a member, by its id, as %s', (_, attackerOf) => {
  it.each<[string, string, object | undefined]>([
    ['GET', '', undefined],
    ['POST', '/messages', { text: 'what did I say before?' }],
    ['DELETE', '', undefined],
  ])('%s %s: 404, as for a thread that nobody has, and it stays as it was', async (method, path, body) => {
    const owner = world.acme.member;
    const attacker = await attackerOf();
    const secret = `secret${randomUUID()}`;
    const id = await startThread(owner, secret);
    const before = (await owner.get(`${threads}/${id}`)).text;
    expect(before).toContain(secret);

    const answer = await attacker.send(method, `${threads}/${id}${path}`, body);
    const absent = await attacker.send(method, `${threads}/${randomUUID()}${path}`, body);
    expect(answer).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(comparable(answer)).toEqual(comparable(absent));
    expect((await attacker.get(threads)).text).not.toContain(id);
    expect((await owner.get(`${threads}/${id}`)).text).toBe(before);
    expect((await owner.get(threads)).text).toContain(id);
    expect((await owner.send(method, `${threads}/${id}${path}`, body)).status).toBeLessThan(300);
    await owner.delete(`${threads}/${id}`);
  });
});

it('a thread’s list and its exchanges are deleted by their owner, and nothing of them is left in Redis', async () => {
  const { member, viewer } = world.globex;
  const secret = `secret${randomUUID()}`;
  const id = await startThread(member, secret);
  const kept = await startThread(viewer, secret);
  const keysOfThread = async (thread: string) =>
    (await keysOf(redis, world.globex.id)).filter((key) => key.includes(thread));
  expect(await keysOfThread(id)).toHaveLength(1);
  expect((await member.delete(`${threads}/${id}`)).status).toBe(204);
  expect((await member.get(`${threads}/${id}`)).status).toBe(404);
  expect((await member.get(threads)).json).toEqual({ items: [] });
  expect(await keysOfThread(id)).toEqual([]);
  expect((await viewer.get(`${threads}/${kept}`)).text).toContain(secret);
});

it('every key that is written has a registered shape, starts with the tenant, goes on with the user, and expires', async () => {
  const { acme } = world;
  for (const person of [acme.admin, acme.member]) await startThread(person, 'anything');
  const entry = Object.values(memoryEntries).map(({ name, version }) => `${name}:${String(version)}`);
  const users = [acme.admin, acme.member, acme.viewer].map(({ identity }) => identity.userId);
  const registered = new RegExp(
    `^v1:\\{${acme.id}\\}:memory:(${users.join('|')}):(${entry.join('|')}):(threads|thread:[0-9a-f-]{36})$`,
  );
  const keys = (await keysOf(redis, acme.id)).filter((key) => key.includes(':memory:'));
  expect(keys.length).toBeGreaterThanOrEqual(4);
  expect(keys.filter((key) => !registered.test(key))).toEqual([]);
  for (const { scope } of Object.values(memoryEntries)) expect(scope).toBe('user');
  const ttlMs = memoryEntries.conversation.ttlSeconds * 1000;
  for (const key of keys) {
    const lifetime = await redis.pttl(key);
    expect(lifetime).toBeGreaterThan(0);
    expect(lifetime).toBeLessThanOrEqual(ttlMs);
  }
});

it.each<[string, (memory: ConversationMemory) => Promise<unknown>]>([
  ['create', (memory) => memory.create()],
  ['list', (memory) => memory.list()],
  ['read', (memory) => memory.read(randomUUID())],
  ['append', (memory) => memory.append(randomUUID(), exchange)],
  ['delete', (memory) => memory.delete(randomUUID())],
])('without a tenant nothing is remembered or read: %s', async (_, operation) => {
  const memory = testApp.get(ConversationMemory);
  await expect(operation(memory)).rejects.toThrow(/No tenant in this execution/);
});

it('a thread id that is made to look like part of a key stays inside the caller’s own keys', async () => {
  const memory = testApp.get(ConversationMemory);
  const { member } = world.acme;
  const id = await startThread(member, 'anything');
  const attack = (person: Person, thread: string) => person.run(() => memory.read(thread));
  const { tenantId, userId } = member.identity;
  for (const hostile of [
    `../${id}`,
    `x:${id}`,
    `}:memory:${userId}:conversation:1:thread:${id}`,
    `{${tenantId}}`,
    '*',
    '',
  ])
    await expect(attack(world.globex.admin, hostile)).rejects.toMatchObject({ code: 'not-found' });
  await expect(attack(member, id)).resolves.toHaveLength(1);
});
