import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { EnvelopeSeal } from '../../../src/isolation/cache/envelope.js';
import { cacheEntries, TenantCache } from '../../../src/isolation/cache/index.js';
import type { RedisStore } from '../../../src/isolation/cache/redis-store.js';
import { SampledReads } from '../../../src/isolation/cache/sampled-reads.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { Clock, type Operation } from './register.js';

/** Something that a client does with project 1, which every tenant has. */
export interface Deed {
  /** Clients 0 and 2 are tenant 0's, 1 and 3 tenant 1's. Each does one thing after the other, all of them at once. */
  readonly client: number;
  readonly kind: 'read' | 'write' | 'evict' | 'invalidate tenant';
}

export const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.record({
    client: fc.integer({ min: 0, max: 3 }),
    kind: fc.constantFrom('read', 'read', 'read', 'write', 'write', 'evict', 'invalidate tenant'),
  }),
  { minLength: 2, maxLength: 16 },
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
  const cache = new TenantCache(context, store, seal, events, new SampledReads(0));
  const clock = new Clock();
  const tenants = [0, 1].map((index) => ({
    identity: { tenantId: randomUUID(), userId: randomUUID(), sessionId: randomUUID(), role: 'admin' as const },
    row: `of ${String(index)}, 0`,
    history: [{ kind: 'write', value: `of ${String(index)}, 0`, asked: 0, answered: 0 }] as Operation[],
  }));
  const pause = (what: string) => scheduler.schedule(Promise.resolve(), what);

  const deed = async (tenant: (typeof tenants)[number], { client, kind }: Deed, number: number): Promise<void> => {
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
      const value = `of ${String(client % 2)}, ${String(number + 1)}`;
      await pause('UPDATE reaches the database');
      tenant.row = value;
      await pause('UPDATE is answered');
      await cache.invalidateEntity(entry, { number: 1 });
      tenant.history.push({ kind, value, asked, answered: clock.tick() });
    } else if (kind === 'evict') {
      await cache.delete(entry, { number: 1 });
    } else {
      await cache.invalidateTenant();
    }
  };

  const clients = [0, 1, 2, 3].map((client) => {
    const tenant = tenants[client % 2];
    if (!tenant) throw new Error('No such tenant.');
    return context.run(tenant.identity, 'proof', async () => {
      for (const [number, each] of all.entries()) {
        if (each.client !== client) continue;
        await pause(`client ${String(client)}: ${each.kind}`);
        await deed(tenant, each, number);
      }
    });
  });
  await scheduler.waitIdle();
  await Promise.all(clients);
  return { tenants: tenants.map(({ history }) => history), securityEvents };
}
