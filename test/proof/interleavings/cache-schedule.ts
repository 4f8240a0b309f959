import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { EnvelopeSeal } from '../../../src/isolation/cache/envelope.js';
import { cacheEntries, TenantCache } from '../../../src/isolation/cache/index.js';
import type { RedisStore } from '../../../src/isolation/cache/redis-store.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { Clock, type Operation } from './register.js';

/** Something that a client of a tenant does with project 1, which every tenant has. */
export interface Deed {
  readonly tenant: number;
  readonly kind: 'read' | 'write' | 'evict' | 'invalidate tenant';
}

export const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.record({
    tenant: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom('read', 'read', 'read', 'write', 'write', 'evict', 'invalidate tenant'),
  }),
  { minLength: 2, maxLength: 14 },
);

const seal = new EnvelopeSeal('a key of the proof, of 32 characters or more');
const context = new TenantContext();
const entry = cacheEntries.project;

export interface CacheHistory {
  readonly tenants: readonly Operation[][];
  readonly securityEvents: number;
}

/**
 * Runs all deeds at once against the cache's own code, in the order that the scheduler chooses for every await: those of
 * the store, and those of a database that answers as late as it likes.
 */
export async function runCacheSchedule(
  scheduler: fc.Scheduler,
  store: RedisStore,
  all: readonly Deed[],
): Promise<CacheHistory> {
  let securityEvents = 0;
  const events = { record: () => (securityEvents += 1) } as unknown as SecurityEvents;
  const cache = new TenantCache(context, store, seal, events);
  const clock = new Clock();
  const tenants = [0, 1, 2].map((index) => ({
    identity: { tenantId: randomUUID(), userId: randomUUID(), sessionId: randomUUID(), role: 'admin' as const },
    row: `of ${String(index)}, 0`,
    history: [{ kind: 'write', value: `of ${String(index)}, 0`, asked: 0, answered: 0 }] as Operation[],
  }));
  const pause = (what: string) => scheduler.schedule(Promise.resolve(), what);

  const clients = all.map(async ({ tenant: index, kind }, number) => {
    const tenant = tenants[index];
    if (!tenant) throw new Error('No such tenant.');
    await pause(`tenant ${String(index)} begins to ${kind}`);
    await context.run(tenant.identity, 'proof', async () => {
      const asked = clock.tick();
      if (kind === 'read') {
        const value = await cache.wrap(entry, { number: 1 }, async () => {
          await pause('SELECT reaches the database');
          const row = tenant.row;
          await pause('SELECT is answered');
          return row;
        });
        tenant.history.push({ kind, value: String(value), asked, answered: clock.tick() });
      } else if (kind === 'write') {
        const value = `of ${String(index)}, ${String(number + 1)}`;
        await pause('UPDATE reaches the database');
        tenant.row = value;
        await pause('UPDATE is answered');
        await cache.invalidateEntity(entry.entity, { number: 1 });
        tenant.history.push({ kind, value, asked, answered: clock.tick() });
      } else if (kind === 'evict') {
        await cache.delete(entry, { number: 1 });
      } else {
        await cache.invalidateTenant();
      }
    });
  });
  await scheduler.waitIdle();
  await Promise.all(clients);
  return { tenants: tenants.map(({ history }) => history), securityEvents };
}
