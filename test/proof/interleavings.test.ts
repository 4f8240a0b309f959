import fc from 'fast-check';
import { findingOf, holds } from './holds.js';
import { deeds, runCacheSchedule } from './interleavings/cache-schedule.js';
import { anyOrder, expectNothing, schedulerOf } from './interleavings/orders.js';
import { contradictions } from './interleavings/register.js';
import { scheduledStore, type Flaw } from './interleavings/scheduled-store.js';
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
