import { createRequire } from 'node:module';
import type { Redis } from 'ioredis';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { addressOf } from '../../../src/isolation/cache/cache-key.js';
import { EnvelopeSeal } from '../../../src/isolation/cache/envelope.js';
import { cacheEntries } from '../../../src/isolation/cache/index.js';
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
  redis = rawRedis();
});
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});

const path = '/api/projects/1';
const keyOf = ({ identity }: Person) => addressOf(cacheEntries.project, { number: 1 }, identity).key;
declare global {
  var executed: number;
}

/** Puts `value` where the victim's entry is, and shows what the victim then gets. */
async function plant(value: (own: string) => Promise<string> | string, person: Person) {
  await person.get(path);
  const own = await redis.get(keyOf(person));
  await redis.set(keyOf(person), await value(own ?? ''), 'PX', 60_000);
  globalThis.executed = 0;
  const answer = await person.get(path);
  return { answer, executed: globalThis.executed };
}

it('an entry as the application wrote it is a hit', async () => {
  const { answer } = await plant((own) => own, world.acme.admin);
  expect([answer.headers.get('x-cache'), answer.json.description]).toEqual(['HIT', world.acme.marker]);
});

const flip = (text: string, index: number) =>
  text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
const tampered: [string, string, (own: string) => Promise<string> | string][] = [
  ['another tenant’s entry', 'misplaced envelope', async () => (await redis.get(keyOf(world.globex.admin))) ?? ''],
  ['a changed first byte of the MAC', 'forged envelope', (own) => flip(own, 4)],
  ['a changed byte of the payload', 'forged envelope', (own) => flip(own, own.length - 20)],
  ['a payload cut short', 'forged envelope', (own) => `${own.slice(0, -9)}"`],
  ['an entry sealed with another key', 'forged envelope', () => quoted(new EnvelopeSeal('x'.repeat(32)))],
  [
    'an entry of another key of one’s own tenant',
    'misplaced envelope',
    () => quoted(ourSeal(), { key: 'v1:{x}:entry:other:1:1' }),
  ],
  [
    'an entry that names another tenant in one’s own key',
    'misplaced envelope',
    () => quoted(ourSeal(), { tenantId: world.globex.id }),
  ],
  ['an empty string', 'foreign value', () => ''],
  ['an empty envelope', 'forged envelope', () => '"e1.."'],
  ['a number', 'foreign value', () => '17'],
  ['plain JSON, as the incident kept it', 'foreign value', () => JSON.stringify({ number: 1, name: 'planted' })],
  ['a string that is revived into a function', 'foreign value', () => '"_function_x|() => { globalThis.executed++ }"'],
  [
    'an object whose toJSON is code',
    'foreign value',
    () => '{"toJSON":"_function_toJSON|() => { globalThis.executed++ }"}',
  ],
  [
    'an object whose then is code',
    'foreign value',
    () => '{"then":"_function_then|(r) => { globalThis.executed++; r(1) }"}',
  ],
  [
    'a value that closes the parser’s object and opens another',
    'foreign value',
    () => '"e1.x.y","v":{"then":"_function_then|(r) => { globalThis.executed++; r(1) }"}',
  ],
  ['a prototype', 'foreign value', () => '{"__proto__":{"polluted":true}}'],
  [
    'a date, an undefined and a duplicate',
    'foreign value',
    () => '["_date_2020-01-01T00:00:00.000Z","_undefined_","_duplicate_[]"]',
  ],
];
const ourSeal = () => new EnvelopeSeal(variable('CACHE_ENVELOPE_KEY'));
const quoted = (seal: EnvelopeSeal, changes: object = {}) => {
  const { tenantId } = world.acme.admin.identity;
  const body = JSON.stringify({ name: 'planted' });
  return `"${seal.seal({ tenantId, key: keyOf(world.acme.admin), generations: ['a', 'b'], body, ...changes })}"`;
};

it.each(tampered)('%s is a miss and a security event (%s), and nothing of it is run', async (_, kind, value) => {
  await world.globex.admin.get(path);
  const before = events.count('cache', kind);
  const { answer, executed } = await plant(value, world.acme.admin);
  expect(answer.status).toBe(200);
  expect([answer.headers.get('x-cache'), answer.json.description]).toEqual(['MISS', world.acme.marker]);
  expect(executed).toBe(0);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(events.count('cache', kind)).toBe(before + 1);
  expect(testApp.log.at(-1)).toContain(kind);
  expect((await world.acme.admin.get(path)).headers.get('x-cache')).toBe('HIT'); // healed
});

it('the hostile values are hostile: the store’s own parser runs them', async () => {
  const require = createRequire(import.meta.url);
  const store = createRequire(require.resolve('cache-manager-ioredis-yet'));
  const telejson = store('telejson') as { parse: (text: string) => unknown };
  globalThis.executed = 0;
  await Promise.resolve(telejson.parse('{"then":"_function_then|(r) => { globalThis.executed++; r(1) }"}'));
  JSON.stringify(telejson.parse('{"toJSON":"_function_toJSON|() => { globalThis.executed++ }"}'));
  expect(globalThis.executed).toBe(2);
});

it('a hostile generation makes a miss, and is not run', async () => {
  const { admin } = world.acme;
  const { generationKeys } = addressOf(cacheEntries.project, { number: 1 }, admin.identity);
  await admin.get(path);
  globalThis.executed = 0;
  await redis.set(generationKeys[0] ?? '', '{"then":"_function_then|(r) => { globalThis.executed++; r(1) }"}');
  const before = events.count('cache', 'foreign value');
  expect((await admin.get(path)).json.description).toBe(world.acme.marker);
  expect(globalThis.executed).toBe(0);
  expect(events.count('cache', 'foreign value')).toBeGreaterThan(before);
  await redis.del(generationKeys[0] ?? '');
});
