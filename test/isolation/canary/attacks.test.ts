import type { Redis } from 'ioredis';
import { ProblemError } from '../../../src/common/errors.js';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { EnvelopeSeal } from '../../../src/isolation/cache/envelope.js';
import { RedisStore } from '../../../src/isolation/cache/redis-store.js';
import { Canary, CanaryProbes, type Finding } from '../../../src/isolation/canary/index.js';
import { CacheProbe } from '../../../src/isolation/canary/probes/cache.probe.js';
import { CanaryTenants, type CanaryTenant } from '../../../src/isolation/canary/canary-tenants.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { registry } from '../../../src/isolation/logging/metrics.js';
import { MemoryRedis } from '../../../src/isolation/memory/memory-redis.js';
import { MemorySeal } from '../../../src/isolation/memory/memory-seal.js';
import { JobEnvelopes, type AcceptedJob } from '../../../src/isolation/queue/job-envelope.js';
import { EventSeal } from '../../../src/isolation/realtime/event-seal.js';
import { PublisherRedis } from '../../../src/isolation/realtime/realtime-redis.js';
import { SessionStore } from '../../../src/isolation/sessions/index.js';
import { OBJECT_STORE, type ObjectStore } from '../../../src/isolation/storage/object-store.js';
import { Client } from '../../support/client.js';
import { startOwnRedis, type OwnRedis } from '../../support/own-redis.js';
import { variable } from '../../support/postgres.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld } from '../../support/world.js';
import { setStage, until, type QueueStage } from '../queue/stage.js';
import { WholeModule } from './whole.module.js';

// Servers of its own: the two tenants are the same for everybody, and here their guards are taken away.
let cacheRedis: OwnRedis;
let cache: Redis;
let stage: QueueStage;
let testApp: TestApp;
let canary: Canary;
let a: CanaryTenant;
let b: CanaryTenant;
beforeAll(async () => {
  process.env['CANARY_PROBE_TIMEOUT_MS'] = '5000'; // for as long it waits for a worker that is not there
  cacheRedis = await startOwnRedis('REDIS_URL', false);
  cache = rawRedis();
  stage = await setStage();
  testApp = await startTestApp(WholeModule);
  canary = testApp.get(Canary);
  [a, b] = await testApp.get(CanaryTenants).pair();
});
afterAll(async () => {
  await testApp.close();
  await stage.close();
  cache.disconnect();
  await cacheRedis.stop();
});

const outcomes = (findings: readonly Finding[]) =>
  Object.fromEntries(
    findings.map(({ layer, probe, outcome }) => [probe.includes('search') ? 'search' : layer, outcome]),
  );
const allOk = {
  database: 'ok',
  search: 'ok',
  cache: 'ok',
  sessions: 'ok',
  memory: 'ok',
  storage: 'ok',
  queue: 'ok',
  realtime: 'ok',
};
const health = async () => {
  const { status, json, text } = await new Client(testApp.baseUrl).get('/health/isolation');
  return { status, json, text };
};

/** Puts `double` in the place of a method, as long as `work` lasts. */
async function broken<T extends object, Name extends keyof T>(
  target: T,
  name: Name,
  double: (original: T[Name]) => T[Name],
  work: () => Promise<void>,
): Promise<void> {
  const original = target[name];
  target[name] = double(typeof original === 'function' ? (original.bind(target) as T[Name]) : original);
  try {
    await work();
  } finally {
    target[name] = original;
  }
}

it('with all guards up every layer shows each tenant its own, run after run, beside real traffic', async () => {
  const over = new AbortController();
  const world = await createWorld(testApp);
  const traffic = (async () => {
    while (!over.signal.aborted) {
      const answers = await Promise.all([world.acme, world.globex].map(({ admin }) => admin.get('/api/projects/1')));
      expect(answers.map(({ json }) => json.description as string)).toEqual([world.acme.marker, world.globex.marker]);
    }
  })();
  try {
    for (let run = 0; run < 5; run++) expect(outcomes(await canary.run())).toEqual(allOk);
  } finally {
    over.abort();
    await traffic; // which would go on, and break off what is cleared up after a failure
  }
  expect(canary.health).toMatchObject({ status: 'ok', failing: [], refused: [], unknown: [] });
});

/** The metrics of the last run, as Prometheus reads them. */
const told = async () => {
  const text = await registry.metrics();
  const [, outcome] = /^canary_last_run_outcome\{outcome="(\w+)"\} 1$/m.exec(text) ?? [];
  const [, seconds] = /^canary_last_run_timestamp_seconds (\S+)$/m.exec(text) ?? [];
  return { outcome, at: Number(seconds) };
};

it('metrics tell when the last run was, and the worst that it came to', async () => {
  await canary.run();
  expect(await told()).toEqual({ outcome: 'ok', at: (canary.health.lastRunAt?.getTime() ?? 0) / 1000 });
  const double = () => () => Promise.resolve(b.secret);
  await broken(testApp.get(CacheProbe), 'look', double, async () => {
    await canary.run();
    expect(await told()).toMatchObject({ outcome: 'foreign' });
  });
  await canary.run();
  expect(await told()).toEqual({ outcome: 'ok', at: (canary.health.lastRunAt?.getTime() ?? 0) / 1000 });
});

/** Takes a guard away, sees the alarm, puts it back, and sees that it ends with the next run. */
async function rings(breakIt: (work: () => Promise<void>) => Promise<void>, expected: Partial<typeof allOk> | object) {
  await breakIt(async () => {
    expect(outcomes(await canary.run())).toMatchObject(expected);
    const { status, json, text } = await health();
    expect([status, json.code]).toEqual([503, 'isolation-alarm']);
    const layers = (json.failing as Finding[]).map(({ layer }) => layer);
    expect(layers).toEqual(expect.arrayContaining(Object.keys(expected)));
    for (const word of [a.secret, b.secret, a.identity.tenantId, b.identity.tenantId]) expect(text).not.toContain(word);
  });
  expect(outcomes(await canary.run())).toEqual(allOk);
  expect(canary.health.failing).toEqual([]);
}
const foreignEvents = (layer: 'cache' | 'database' | 'realtime') =>
  testApp.get(SecurityEvents).count(layer, 'foreign secret seen by canary');

it('database: policies that are open ring, in rows and in what jobs are shown', async () => {
  const before = foreignEvents('database');
  const policies = ['tenant_rows', 'tenant_guard'];
  const set = async (condition: string) => {
    for (const policy of policies) await stage.query(`ALTER POLICY ${policy} ON projects USING (${condition})`);
  };
  await rings(
    async (work) => {
      await set('true');
      try {
        await work();
      } finally {
        await set('tenant_id = (SELECT app_private.current_tenant())');
        await cache.flushdb(); // what was cached meanwhile is sealed, in its place, and the other's
      }
    },
    { database: 'foreign', queue: 'foreign' },
  );
  expect(foreignEvents('database')).toBe(before + 1);
  expect(testApp.log.join()).not.toMatch(/canary[0-9a-f]{32}/); // the alarm tells nobody the secrets
});

it('cache: an entry of the other’s, sealed for the place where it lies, rings', async () => {
  const seal = new EnvelopeSeal(variable('CACHE_ENVELOPE_KEY'));
  const prefix = `v1:{${b.identity.tenantId}}:entry:canary:`;
  const double =
    (original: RedisStore['read']): RedisStore['read'] =>
    async (keys) => {
      const [key = ''] = keys;
      const values = await original(keys);
      if (!values || !key.startsWith(prefix)) return values;
      const [others] = (await original([key.replace(b.identity.tenantId, a.identity.tenantId)])) ?? [];
      const envelope = others === undefined ? undefined : seal.open(others);
      const generations = values.slice(1).map(String);
      if (!envelope) return values;
      return [seal.seal({ ...envelope, tenantId: b.identity.tenantId, key, generations }), ...generations];
    };
  const before = foreignEvents('cache');
  await rings((work) => broken(testApp.get(RedisStore), 'read', double, work), { cache: 'foreign' });
  expect(foreignEvents('cache')).toBe(before + 1);
});

it('memory: an exchange of the other’s, sealed for the place where it lies, rings', async () => {
  const seal = new MemorySeal(variable('MEMORY_SEAL_KEY'));
  const { tenantId, userId } = b.identity;
  const double =
    (original: MemoryRedis['run']): MemoryRedis['run'] =>
    async (script, keys, values) => {
      const result = await original(script, keys, values);
      const key = keys[1] ?? '';
      if (!Array.isArray(result) || result.length === 0 || !key.startsWith(`v1:{${tenantId}}`)) return result;
      const [others = ''] = await stage.redis.keys(`v1:{${a.identity.tenantId}}:memory:*:thread:*`);
      const item = seal.open((await stage.redis.lrange(others, 0, 0))[0] ?? '');
      return [seal.seal({ tenantId, userId, key, body: item?.body ?? '' })];
    };
  await rings((work) => broken(testApp.get(MemoryRedis), 'run', double, work), { memory: 'foreign' });
});

it('sessions: a text of the other’s session, copied inside Redis, rings', async () => {
  const context = testApp.get(TenantContext);
  const keysOf = ({ identity }: CanaryTenant) => stage.redis.keys(`v1:{*}:session:${identity.tenantId}:*`);
  const double =
    (original: SessionStore['read']): SessionStore['read'] =>
    async (entry) => {
      if (context.tenantId === b.identity.tenantId) {
        const text = await stage.redis.hget((await keysOf(a))[0] ?? '', 'entry:canary:1');
        for (const key of await keysOf(b)) await stage.redis.hset(key, 'entry:canary:1', text ?? '');
      }
      return original(entry);
    };
  await rings((work) => broken(testApp.get(SessionStore), 'read', double, work), { sessions: 'foreign' });
});

it('storage: objects that are swapped on the disk ring, as the tenant no longer sees its own', async () => {
  let others: string | undefined;
  const double =
    (original: ObjectStore['read']): ObjectStore['read'] =>
    async (key) => {
      if (key.tenantId === a.identity.tenantId) others ??= key.objectId;
      if (key.tenantId === a.identity.tenantId || others === undefined) return original(key);
      return original({ tenantId: a.identity.tenantId, objectId: others });
    };
  await rings((work) => broken(testApp.get<ObjectStore>(OBJECT_STORE), 'read', double, work), { storage: 'blind' });
});

/** Puts a copy of whatever A publishes into the same channel of B. */
const copying =
  (messageFor: (channel: string, message: string) => string) =>
  (original: PublisherRedis['publish']): PublisherRedis['publish'] =>
  async (channel, message) => {
    await original(channel, message);
    if (!channel.includes(a.identity.tenantId)) return;
    const others = channel.replace(a.identity.tenantId, b.identity.tenantId);
    await original(others, messageFor(others, message));
  };

it('realtime: an event of the other’s, sealed for the channel in which it is published, rings', async () => {
  const seal = new EventSeal(variable('REALTIME_SEAL_KEY'));
  const { tenantId } = b.identity;
  const double = copying((channel, message) => {
    const sealed = seal.open(message);
    return sealed ? seal.seal({ ...sealed, channel, tenantId }) : message;
  });
  const before = foreignEvents('realtime');
  await rings((work) => broken(testApp.get(PublisherRedis), 'publish', double, work), { realtime: 'foreign' });
  expect(foreignEvents('realtime')).toBe(before + 1);
});

it('realtime: an event in a channel that lacks its tenant is refused, which is an alarm, too', async () => {
  const double = copying((_, message) => message);
  await broken(testApp.get(PublisherRedis), 'publish', double, async () => {
    expect(outcomes(await canary.run())).toEqual(allOk);
  });
  expect(canary.health.refused).toContainEqual({ layer: 'realtime', kind: 'misplaced event' });
  expect((await health()).status).toBe(503);
});

it('queue: a job that a worker runs as somebody else is refused, and its owner does not see it done', async () => {
  const double =
    (original: JobEnvelopes['open']): JobEnvelopes['open'] =>
    (jobId, data) => {
      const job: AcceptedJob = original(jobId, data);
      return job.tenantId === b.identity.tenantId ? { ...job, tenantId: a.identity.tenantId } : job;
    };
  await broken(testApp.get(JobEnvelopes), 'open', double, async () => {
    expect(outcomes(await canary.run())).toEqual({ ...allOk, queue: 'unknown' }); // refused: B's job is not A's
    expect(canary.health).toMatchObject({ failing: [], unknown: [{ layer: 'queue' }] });
  });
  await stage.query('DELETE FROM outbox');
  await stage.query("DELETE FROM tasks WHERE title = 'pending'");
  expect(outcomes(await canary.run())).toEqual(allOk);
});

it('what a guard refuses makes the health fail, too, though each is shown its own', async () => {
  const health = () => stage.world.anonymous.get('/health/isolation'); // of a process that nothing was broken in
  const { admin } = stage.world.acme;
  const other = stage.world.globex.admin;
  await Promise.all([admin.get('/api/projects/1'), other.get('/api/projects/1')]);
  const store = stage.testApp.get(RedisStore);
  const key = (tenantId: string) => `v1:{${tenantId}}:entry:project:1:1`;
  await admin.run(() =>
    stage.testApp.get(SecurityEvents).record({ layer: 'sessions', kind: 'refresh token reused', subject: 'anybody’s' }),
  );
  const [entry = ''] = (await store.read([key(admin.identity.tenantId)])) ?? [];
  await store.write(key(other.identity.tenantId), entry, 60_000);
  expect((await health()).status).toBe(200);
  expect((await other.get('/api/projects/1')).json.description).toBe(stage.world.globex.marker);
  const { status, json } = await health();
  expect([status, json.refused]).toEqual([503, [{ layer: 'cache', kind: 'misplaced envelope' }]]);
  expect(testApp.get(Canary).health.refused).not.toContainEqual({ layer: 'cache', kind: 'misplaced envelope' });
});

it('a probe that shows nothing, or throws what no outage explains, is a failing one', async () => {
  const shown: readonly (() => Promise<string>)[] = [
    () => Promise.resolve(''),
    () => Promise.reject(new Error('a defect')),
  ];
  const [first, second] = shown;
  let look: (() => Promise<string>) | undefined;
  const fine = testApp.get(TenantContext);
  testApp.get(CanaryProbes).register({
    layer: 'http',
    name: 'a probe of a feature',
    look: () => look?.() ?? Promise.resolve(fine.tenantId === a.identity.tenantId ? a.secret : b.secret),
  });
  for (look of [first, second]) expect(outcomes(await canary.run())).toEqual({ ...allOk, http: 'blind' });
  const outage = () => Promise.reject(new ProblemError('unavailable'));
  look = outage;
  expect(outcomes(await canary.run())).toEqual({ ...allOk, http: 'unknown' });
  expect(canary.health.failing).toMatchObject([{ layer: 'http', outcome: 'blind' }]); // an outage ends no alarm
  look = undefined;
  expect(outcomes(await canary.run())).toEqual({ ...allOk, http: 'ok' });
  expect(canary.health.failing).toEqual([]);
});

it('run after run nothing is left behind that grows', async () => {
  const count = async () => {
    const [rows] = await stage.query(
      `SELECT (SELECT count(*) FROM tasks) AS tasks, (SELECT count(*) FROM outbox) AS outbox,
              (SELECT count(*) FROM unclaimed_objects) AS objects, (SELECT count(*) FROM projects) AS projects,
              (SELECT count(*) FROM system_audit WHERE work = 'keep canaries') AS audit`,
    );
    return { ...rows, threads: (await stage.redis.keys('v1:*:memory:*')).length };
  };
  await canary.run();
  const before = await count();
  for (let run = 0; run < 3; run++) await canary.run();
  await until(async () => JSON.stringify(await count()) === JSON.stringify(before));
});
