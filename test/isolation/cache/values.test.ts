import { cacheEntries, TenantCache } from '../../../src/isolation/cache/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
let cache: TenantCache;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  cache = testApp.get(TenantCache);
});
afterAll(() => testApp.close());

// Strings that the store's serializer would turn into something else, if it were given them.
const sentinels = [
  '_function_x|() => 1',
  '_date_2020-01-01T00:00:00.000Z',
  '_undefined_',
  '_bigint_12',
  '_NaN_',
  '_duplicate_["root"]',
  '_symbol_x',
  '_regexp_g|a+',
];
const values: unknown[] = [
  ...sentinels,
  { toJSON: sentinels[0], then: sentinels[0], metadata: sentinels },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}'),
  ['', 0, false, -0.5, 1e21, [], {}, [[]], null],
  { text: 'line\nfeed \u2028 "quotes" \\ back \0 nul ü 👩‍👩‍👧 \ud800' },
  'e1.looks.like-an-envelope',
  { a: { b: { c: 'x'.repeat(10_000) } } },
];

it.each(values.map((value) => [JSON.stringify(value).slice(0, 60), value]))(
  'comes back as it went in: %s',
  async (_, value) => {
    const { admin } = world.acme;
    await admin.run(() => cache.set(cacheEntries.project, { number: 5 }, value));
    const back = await admin.run(() => cache.get(cacheEntries.project, { number: 5 }));
    expect(JSON.stringify(back)).toBe(JSON.stringify(value));
  },
);

it('a project whose texts are such strings is served unchanged from the cache', async () => {
  const { admin } = world.globex;
  const text = sentinels.join(' ');
  const { json } = await admin.post('/api/projects', { name: sentinels[0], description: text });
  const path = `/api/projects/${String((json as { number: number }).number)}`;
  for (const expected of ['MISS', 'HIT']) {
    const answer = await admin.get(path);
    expect(answer.headers.get('x-cache')).toBe(expected);
    expect(answer.json).toMatchObject({ name: sentinels[0], description: text });
  }
});

it('a value too large to be worth keeping is served and not kept', async () => {
  const { admin } = world.acme;
  const large = 'x'.repeat(300_000);
  expect(await admin.run(() => cache.wrap(cacheEntries.project, { number: 6 }, () => Promise.resolve(large)))).toBe(
    large,
  );
  expect(await admin.run(() => cache.get(cacheEntries.project, { number: 6 }))).toBeUndefined();
});
