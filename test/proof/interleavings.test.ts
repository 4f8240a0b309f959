import fc from 'fast-check';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { SecurityEvents } from '../../src/isolation/audit/index.js';
import { TenantCache } from '../../src/isolation/cache/index.js';
import { defineScripts } from '../../src/isolation/sessions/session-scripts.js';
import type { Answer } from '../support/client.js';
import { adminUrl } from '../support/postgres.js';
import { rawRedis } from '../support/redis.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { findingOf, holds } from './holds.js';
import { deeds, runCacheSchedule } from './interleavings/cache-schedule.js';
import { httpDeeds, runHttpHistory, type Between } from './interleavings/http-history.js';
import { anyOrder, expectNothing, schedulerOf } from './interleavings/orders.js';
import { contradictions } from './interleavings/register.js';
import { Turns, type Substitute } from './interleavings/scheduled-redis.js';
import { scheduledStore, type Flaw } from './interleavings/scheduled-store.js';
import { sessionFlaws } from './interleavings/session-flaws.js';
import { runSessionSchedule, sessionDeeds } from './interleavings/session-schedule.js';
import { record } from './record.js';

const part = 'interleavings';
const counts: Record<string, number> = {};
afterAll(() => record({ part, counts }));

describe('in whatever order the cache’s awaits end', () => {
  let operations = 0;
  const schedules = (flaw?: Flaw) =>
    fc.asyncProperty(anyOrder, deeds, async (order, all) => {
      const scheduler = schedulerOf(order);
      const { tenants, securityEvents } = await runCacheSchedule(scheduler, scheduledStore(scheduler, flaw), all);
      operations += all.length;
      const refused = securityEvents > 0 ? ['an entry was refused by its envelope'] : [];
      expectNothing([...tenants.flatMap(contradictions), ...refused], scheduler);
    });

  it('a tenant reads its own last write, and never another tenant’s', async () => {
    const { runs, seed } = await holds(part, 'cache', schedules());
    expect(operations).toBeGreaterThan(runs);
    Object.assign(counts, { 'schedules of the cache': runs, 'operations checked': operations, seed });
  });

  it.each<[Flaw, string]>([
    ['generations do not move', 'had overwritten it'],
    ['keys lack the tenant', 'refused by its envelope'],
  ])('the check fails, and can be repeated, when %s', async (flaw, finding) => {
    const { errorInstance } = await findingOf(schedules(flaw));
    expect(String(errorInstance)).toContain(finding);
  });
});

describe('in whatever order Redis hears and answers', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = rawRedis('DURABLE_REDIS_URL');
    defineScripts(redis);
  });
  afterAll(() => redis.disconnect());

  const turns = new Turns();
  let operations = 0;
  const schedules = (flaw?: Readonly<Record<string, Substitute>>) =>
    fc.asyncProperty(anyOrder, sessionDeeds, async (order, all) => {
      const scheduler = schedulerOf(order, turns.act);
      operations += all.length;
      expectNothing(await runSessionSchedule(scheduler, turns, redis, all, flaw), scheduler);
    });

  it('a session that has ended stays so for everybody, one that has not lives on, and an old token ends it', async () => {
    const { runs } = await holds(part, 'sessions', schedules());
    expect(operations).toBeGreaterThan(runs);
    Object.assign(counts, { 'schedules of sessions': runs, 'operations of sessions': operations });
  });

  it.each(Object.entries(sessionFlaws))(
    'the check fails, and can be repeated, when %s',
    async (_, { command, finding }) => {
      const { errorInstance } = await findingOf(schedules(command));
      expect(String(errorInstance)).toContain(finding);
    },
  );
});

describe('whatever clients of two tenants ask of the running application at once', () => {
  let testApp: TestApp;
  let database: pg.Client;
  beforeAll(async () => {
    testApp = await startTestApp();
    database = new pg.Client(adminUrl());
    await database.connect();
  });
  afterAll(async () => {
    await testApp.close();
    await database.end();
  });

  let operations = 0;
  const histories = (makeBetween: () => Between | undefined = () => undefined) =>
    fc.asyncProperty(httpDeeds, async (all) => {
      operations += all.length;
      expect(await runHttpHistory(testApp, database, all, makeBetween())).toEqual([]);
    });

  it('each tenant reads what it wrote last, or is writing, and finds its own numbers', async () => {
    const { runs } = await holds(part, 'histories', histories());
    expect(operations).toBeGreaterThan(runs);
    expect(testApp.get(SecurityEvents).since(0)).toEqual([]); // no guard has had anything to refuse
    Object.assign(counts, { histories: runs, 'requests of histories': operations });
  });

  /** Not shrunk: the same requests are not answered in the same order again. */
  const firstFindingOf = async (property: ReturnType<typeof histories>): Promise<string> =>
    String((await fc.check(property, { numRuns: 100, seed: 6, endOnFailure: true })).errorInstance);

  it('the check fails when the same request of two clients at once is sent once', async () => {
    const share = () => {
      const flights = new Map<string, Promise<Answer>>();
      return (request: string, ask: () => Promise<Answer>) => {
        if (!request.startsWith('GET')) return ask();
        const flight = flights.get(request) ?? ask().finally(() => flights.delete(request));
        flights.set(request, flight);
        return flight;
      };
    };
    expect(await firstFindingOf(histories(share))).toContain("the other tenant's");
  });

  it('the check fails when a change does not invalidate the cache', async () => {
    const cache = testApp.get(TenantCache);
    cache.invalidateEntity = () => Promise.resolve();
    try {
      expect(await firstFindingOf(histories())).toContain('had overwritten it');
    } finally {
      Reflect.deleteProperty(cache, 'invalidateEntity');
    }
  });
});
