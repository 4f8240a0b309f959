import fc from 'fast-check';
import { repetition } from './counts.js';
import { deeds, runCacheSchedule } from './interleavings/cache-schedule.js';
import { contradictions } from './interleavings/register.js';
import { scheduledStore, type Flaw } from './interleavings/scheduled-store.js';
import { record } from './record.js';

const schedules = (count: (operations: number) => void, flaw?: Flaw) =>
  fc.asyncProperty(fc.scheduler(), deeds, async (scheduler, all) => {
    const { tenants, securityEvents } = await runCacheSchedule(scheduler, scheduledStore(scheduler, flaw), all);
    count(all.length);
    const refused = securityEvents > 0 ? ['an entry was refused by its envelope'] : [];
    expect([...tenants.flatMap(contradictions), ...refused]).toEqual([]);
  });

it('in whatever order the cache’s awaits end, a tenant reads its own last write, and never another tenant’s', async () => {
  const { numRuns, seed, ...repeated } = repetition('schedules');
  let operations = 0;
  const result = await fc.check(
    schedules((count) => (operations += count)),
    { numRuns, seed, ...repeated },
  );
  if (result.failed) {
    const again = `npm run prove -- interleavings --seed ${String(result.seed)} --path ${result.counterexamplePath ?? ''}`;
    throw new Error(`${fc.defaultReportMessage(result) ?? ''}\nAgain: ${again}`);
  }
  expect(operations).toBeGreaterThan(numRuns);
  record({ part: 'interleavings', counts: { schedules: numRuns, 'operations checked': operations, seed } });
});

it.each<[Flaw, string]>([
  ['generations do not move', 'had overwritten it'],
  ['keys lack the tenant', 'refused by its envelope'],
])('the check fails when %s', async (flaw, finding) => {
  const result = await fc.check(
    schedules(() => undefined, flaw),
    { numRuns: 2000, seed: 1041 },
  );
  expect(result.failed).toBe(true);
  expect(String(result.errorInstance)).toContain(finding);
});
