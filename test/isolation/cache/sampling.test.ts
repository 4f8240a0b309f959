import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { cacheEntries, TenantCache } from '../../../src/isolation/cache/index.js';
import { RedisStore } from '../../../src/isolation/cache/redis-store.js';
import { SampledReads } from '../../../src/isolation/cache/sampled-reads.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  process.env['CACHE_SAMPLE_ONE_IN'] = '1';
  testApp = await startTestApp();
  process.env['CACHE_SAMPLE_ONE_IN'] = '0';
});
beforeEach(async () => {
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const path = '/api/projects/1';
const disagreements = () => testApp.get(SecurityEvents).count('cache', 'cache disagrees with database');
/** One in one is looked into: so it is not asked for the next only while it compares. */
const compared = async () => {
  while (!testApp.get(SampledReads).isNext()) await new Promise((resolve) => setTimeout(resolve, 20));
};
/** Past the application, which therefore invalidates nothing. */
const changeRow = ({ identity }: Person, sql: string) =>
  withPostgres(adminUrl(), (client) => client.query(`${sql} WHERE tenant_id = $1 AND number = 1`, [identity.tenantId]));
const hit = async (person: Person) => {
  expect((await person.get(path)).headers.get('x-cache')).toBe('HIT');
  await compared();
};

/** Resolves when the store has been read twice from now on. */
function secondRead(store: RedisStore): Promise<void> {
  const read = store.read.bind(store);
  let reads = 0;
  return new Promise((resolve) => {
    store.read = async (keys) => {
      const values = await read(keys);
      if (++reads === 2) {
        store.read = read;
        resolve();
      }
      return values;
    };
  });
}

it('hits that say what the database says are no event, also where both tenants read at once and one changes', async () => {
  const before = disagreements();
  const { acme, globex } = world;
  for (let round = 0; round < 10; round++) {
    for (const { admin } of [acme, globex]) await admin.get(path);
    await Promise.all([hit(acme.admin), hit(globex.admin)]);
    await acme.admin.patch(path, { name: `round ${String(round)}` });
  }
  await globex.admin.get('/api/me');
  await globex.admin.get('/api/me');
  await compared();
  expect(disagreements()).toBe(before);
});

it.each([
  ['other than the row', "UPDATE projects SET name = 'changed behind its back'", 200],
  ['of a row that is gone', 'DELETE FROM projects', 404],
])(
  'an entry %s is found out after it was served: an event, a failing health, and it is dropped',
  async (_, sql, status) => {
    const before = disagreements();
    const { admin } = world.acme;
    await admin.get(path);
    await changeRow(admin, sql);
    await hit(admin); // served, because every seal is right
    expect(disagreements()).toBe(before + 1);
    const health = await world.anonymous.get('/health/isolation');
    expect([health.status, health.json.refused]).toEqual([
      503,
      [{ layer: 'cache', kind: 'cache disagrees with database' }],
    ]);
    const answer = await admin.get(path);
    expect([answer.status, answer.headers.get('x-cache') === 'HIT']).toEqual([status, false]);
  },
);

it('between a change and its invalidation the two differ, and nothing is wrong', async () => {
  const before = disagreements();
  const { admin } = world.acme;
  await admin.get(path);
  await changeRow(admin, "UPDATE projects SET name = 'committed'");
  const comparison = secondRead(testApp.get(RedisStore)); // the first is the request's own
  expect((await admin.get(path)).headers.get('x-cache')).toBe('HIT');
  await comparison;
  await admin.run(() => testApp.get(TenantCache).invalidateEntity(cacheEntries.project, { number: 1 }));
  await compared();
  expect(disagreements()).toBe(before);
});
