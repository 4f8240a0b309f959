import type { Redis } from 'ioredis';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { memoryEntries } from '../../../src/isolation/memory/index.js';
import { indexKey, threadKey } from '../../../src/isolation/memory/memory-keys.js';
import { MemorySeal } from '../../../src/isolation/memory/memory-seal.js';
import { variable } from '../../support/postgres.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';

// What somebody can do who can write to Redis: another program, a bug, an attacker.
let testApp: TestApp;
let world: World;
let redis: Redis;
let events: SecurityEvents;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  events = testApp.get(SecurityEvents);
  redis = rawRedis('DURABLE_REDIS_URL');
});
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});

const threads = '/api/assistant/threads';
const keyOf = (person: Person, id: string) => threadKey(memoryEntries.conversation, person.identity, id);

async function startThread(person: Person): Promise<string> {
  const id = (await person.post(threads, undefined)).json.id as string;
  await person.post(`${threads}/${id}/messages`, { text: `said by ${person.identity.userId}` });
  return id;
}

const body = () =>
  JSON.stringify({ message: 'planted', answer: 'planted', sources: [], at: new Date(0).toISOString() });
const seal = () => new MemorySeal(variable('MEMORY_SEAL_KEY'));
const stolenFrom = async (person: Person) => (await redis.lindex(keyOf(person, await startThread(person)), 0)) ?? '';
const flip = (text: string, index: number) =>
  text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);

const planted: [string, string, (own: string, id: string) => Promise<string> | string][] = [
  ['an item of another tenant’s thread', 'misplaced item', () => stolenFrom(world.globex.admin)],
  ['an item of another user’s thread', 'misplaced item', () => stolenFrom(world.acme.viewer)],
  ['an item of another thread of one’s own', 'misplaced item', () => stolenFrom(world.acme.member)],
  [
    'an item that names another tenant in one’s own key',
    'misplaced item',
    (_, id) => seal().seal({ ...world.acme.member.identity, tenantId: world.globex.id, key: keyOf(world.acme.member, id), body: body() }),
  ],
  [
    'an item that names another user in one’s own key',
    'misplaced item',
    (_, id) => seal().seal({ ...world.acme.member.identity, userId: world.acme.admin.identity.userId, key: keyOf(world.acme.member, id), body: body() }),
  ],
  [
    'an item sealed with another key',
    'forged item',
    (_, id) => new MemorySeal('x'.repeat(32)).seal({ ...world.acme.member.identity, key: keyOf(world.acme.member, id), body: body() }),
  ],
  ['an item whose MAC was changed', 'forged item', (own) => flip(own, 3)],
  ['an item whose text was changed', 'forged item', (own) => own.replace('said', 'sent')],
  ['an item without its seal', 'forged item', () => body()],
  ['an empty item', 'forged item', () => ''],
]; // prettier-ignore

describe.each(planted)('%s, put into a thread,', (_, kind, plant) => {
  it(`makes the whole thread absent for reading and for asking, and a security event (${kind}); others are not touched`, async () => {
    const { member } = world.acme;
    const [id, other] = [await startThread(member), await startThread(member)];
    const own = (await redis.lindex(keyOf(member, id), 0)) ?? '';
    await redis.rpush(keyOf(member, id), await plant(own, id));
    const before = events.count('memory', kind);

    const read = await member.get(`${threads}/${id}`);
    const asked = await member.post(`${threads}/${id}/messages`, { text: 'and then?' });
    for (const answer of [read, asked]) expect(answer).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(events.count('memory', kind)).toBe(before + 2);
    expect(testApp.log.at(-1)).toContain(kind);
    expect(testApp.log.at(-1)).not.toMatch(/planted|said by/);
    expect(await redis.llen(keyOf(member, id))).toBe(2);
    expect((await member.get(`${threads}/${other}`)).text).toContain(`said by ${member.identity.userId}`);
    for (const each of [id, other]) expect((await member.delete(`${threads}/${each}`)).status).toBe(204);
  });
});

it('an item as the application wrote it is read, put back by whomever', async () => {
  const { member } = world.acme;
  const id = await startThread(member);
  const own = (await redis.lindex(keyOf(member, id), 0)) ?? '';
  await redis.lset(keyOf(member, id), 0, own);
  expect((await member.get(`${threads}/${id}`)).text).toContain(`said by ${member.identity.userId}`);
});

it('another user’s thread whose id is put into one’s own index has nothing to read', async () => {
  const [victim, attacker] = [world.acme.member, world.globex.admin];
  const id = await startThread(victim);
  await redis.zadd(indexKey(memoryEntries.conversation, attacker.identity), Date.now(), id);
  expect((await attacker.get(`${threads}/${id}`)).json).toEqual({ id, exchanges: [] });
  expect((await attacker.delete(`${threads}/${id}`)).status).toBe(204);
  expect((await victim.get(`${threads}/${id}`)).text).toContain(`said by ${victim.identity.userId}`);
});

it('a value of another type is a 503 that says nothing of it', async () => {
  const { member } = world.acme;
  const id = await startThread(member);
  await redis.set(keyOf(member, id), 'planted');
  expect(await member.get(`${threads}/${id}`)).toMatchObject({ status: 503, json: { code: 'unavailable' } });
  expect(testApp.log.at(-1)).not.toContain('planted');
  expect((await member.delete(`${threads}/${id}`)).status).toBe(204);
});
