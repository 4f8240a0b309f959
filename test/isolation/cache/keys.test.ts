import type { Redis } from 'ioredis';
import { cacheEntries, TenantCache, type CacheEntry } from '../../../src/isolation/cache/index.js';
import { addressOf } from '../../../src/isolation/cache/cache-key.js';
import { keysOf, rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, numbers, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
let cache: TenantCache;
let redis: Redis;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  cache = testApp.get(TenantCache);
  redis = rawRedis();
});
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});

const anyEntry = { ...cacheEntries.project, params: undefined as never } as CacheEntry<Record<string, string | number>>;
const identity = () => world.acme.admin.identity;

it('a key that is not in the registry raises, for every operation, even one that looks like a registered one', async () => {
  const forged = { ...cacheEntries.project };
  const operations = [
    () => cache.get(forged, { number: 1 }),
    () => cache.set(forged, { number: 1 }, 'x'),
    () => cache.delete(forged, { number: 1 }),
    () => cache.wrap(forged, { number: 1 }, () => Promise.resolve('x')),
    () => cache.wrapJson(forged, { number: 1 }, () => Promise.resolve('x')),
    () => cache.invalidateEntity(forged, { number: 1 }),
  ];
  await world.acme.admin.run(async () => {
    for (const operation of operations) await expect(operation()).rejects.toThrow(/not registered.*cache-entries\.ts/);
    await expect(cache.get(cacheEntries.project, { number: 1 })).resolves.toBeUndefined();
  });
});

it('without a tenant every operation raises', async () => {
  const operations = [
    () => cache.get(cacheEntries.project, { number: 1 }),
    () => cache.set(cacheEntries.project, { number: 1 }, 'x'),
    () => cache.delete(cacheEntries.project, { number: 1 }),
    () => cache.wrap(cacheEntries.project, { number: 1 }, () => Promise.resolve('x')),
    () => cache.invalidateEntity(cacheEntries.project, { number: 1 }),
    () => cache.invalidateTenant(),
    () => cache.invalidateUser(identity().userId),
  ];
  for (const operation of operations) await expect(operation()).rejects.toThrow(/No tenant in this execution/);
});

it('the key starts with the tenant and, for entries of a user, goes on with the user', () => {
  const { tenantId, userId } = identity();
  expect(addressOf(cacheEntries.project, { number: 1041 }, identity()).key).toBe(
    `v1:{${tenantId}}:entry:project:1:1041`,
  );
  expect(addressOf(cacheEntries.profile, {}, identity()).key).toBe(`v1:{${tenantId}}:user-entry:${userId}:profile:1`);
});

it('an entry depends on generations of its tenant, of its thing and, if it is a user’s, of that user in that tenant', () => {
  const { tenantId, userId } = identity();
  const ofTenant = `v1:{${tenantId}}:generation`;
  expect(addressOf(cacheEntries.project, { number: 1041 }, identity()).generationKeys).toEqual([
    `${ofTenant}:tenant`,
    `${ofTenant}:entity:project:1041`,
  ]);
  expect(addressOf(cacheEntries.profile, {}, identity()).generationKeys).toEqual([
    `${ofTenant}:tenant`,
    `${ofTenant}:entity:profile`,
    `${ofTenant}:user:${userId}`,
  ]);
});

it('in whatever order its parameters are named, a thing has one key: what is invalidated is what was stored', () => {
  const [either, or] = [
    { from: 'a', to: 'b' },
    { to: 'b', from: 'a' },
  ];
  expect(addressOf(anyEntry, or, identity())).toEqual(addressOf(anyEntry, either, identity()));
});

it('another version of an entry is another key', () => {
  const next = { ...cacheEntries.project, version: cacheEntries.project.version + 1 };
  const [before, after] = [cacheEntries.project, next].map((entry) => addressOf(entry, { number: 1 }, identity()).key);
  expect(after).not.toBe(before);
});

it('parameters that are not an entry’s own make no key', async () => {
  await world.acme.admin.run(async () => {
    for (const params of [{ number: 0 }, { number: '1:1' }, {}] as { number: number }[])
      await expect(cache.get(cacheEntries.project, params)).rejects.toThrow(/number/);
    await expect(cache.get(cacheEntries.project, { number: 999 })).resolves.toBeUndefined();
  });
});

it('different parameters never make the same key, whatever characters they have', () => {
  const hostile = ['a', 'b', ':', 'a:b', 'b:c', '%3A', '{', '}', '{x}', '*', '\n', '', ' ', 'ü', '1', '1:1', '/'];
  const pairs = hostile.flatMap((a) => hostile.map((b) => ({ a, b })));
  const keys = pairs.map((params) => addressOf(anyEntry, params, identity()).key);
  expect(new Set(keys).size).toBe(pairs.length);
  const generations = pairs.map((params) => addressOf(anyEntry, params, identity()).entityGeneration);
  expect(new Set(generations).size).toBe(pairs.length);
});

it('one thing has one key: other spellings of a number are the same entry or nothing at all', async () => {
  const { admin } = world.globex;
  await admin.get('/api/projects/2');
  for (const spelling of ['02', '2.0', '+2', '2e0', '%32', ' 2', '2%20']) {
    const { status, headers } = await admin.get(`/api/projects/${spelling}`);
    expect([status, headers.get('x-cache')]).toEqual(spelling === '%32' ? [200, 'HIT'] : [404, null]);
  }
  const entries = (await keysOf(redis, world.globex.id)).filter((key) => key.includes(':entry:project'));
  expect(entries).toHaveLength(1);
});

it('every key that the application has written has a registered shape and a time to live', async () => {
  const { acme } = world;
  for (const number of numbers) await acme.admin.get(`/api/projects/${String(number)}`);
  for (const person of [acme.admin, acme.member]) await person.get('/api/me');
  await acme.admin.patch('/api/projects/1', { name: 'changed' });
  await acme.admin.patch(`/api/members/${acme.viewer.identity.userId}`, { name: 'changed' });
  await acme.admin.run(() => cache.invalidateTenant());

  const entry = Object.values(cacheEntries).map(({ name, version }) => `${name}:${String(version)}`);
  const entity = Object.values(cacheEntries).map((registered) => registered.entity);
  const registered = new RegExp(
    `^v1:\\{${acme.id}\\}:(entry:(${entry.join('|')})(:\\d+)*` +
      `|user-entry:[0-9a-f-]{36}:(${entry.join('|')})(:\\d+)*` +
      `|generation:(tenant|user:[0-9a-f-]{36}|entity:(${entity.join('|')})(:\\d+)*))$`,
  );
  const keys = await keysOf(redis, acme.id);
  expect(keys.length).toBeGreaterThan(8);
  expect(keys.filter((key) => !registered.test(key))).toEqual([]);
  const lifetimes = await Promise.all(keys.map((key) => redis.pttl(key)));
  expect(Math.min(...lifetimes)).toBeGreaterThan(0);
  expect(Math.max(...lifetimes)).toBeLessThanOrEqual(7 * 24 * 3_600_000);
});
