import { Generations } from '../../../src/isolation/cache/generations.js';
import type { RedisStore } from '../../../src/isolation/cache/redis-store.js';

/** Redis as one invalidation after the other meets it: each write waits here until it is said how it went. */
class WaitingStore {
  readonly writes: { readonly value: string; readonly answer: (isWritten: boolean) => void }[] = [];

  write(_key: string, value: string): Promise<boolean> {
    return new Promise((answer) => this.writes.push({ value, answer }));
  }
}

const key = 'v1:{tenant}:generation:entity:project:1';

function twoRenewals() {
  const store = new WaitingStore();
  const generations = new Generations(store as unknown as RedisStore);
  const renewals = [generations.renew([key]), generations.renew([key])];
  const [first, second] = store.writes;
  if (!first || !second) throw new Error('Both are written at once.');
  expect(first.value).not.toBe(second.value);
  return { first, second, settled: Promise.all(renewals), isOverdue: () => generations.isAnyOverdue([key]) };
}

it('of two invalidations at once, the one that Redis has not taken stays overdue when the other has been taken', async () => {
  const { first, second, settled, isOverdue } = twoRenewals();
  first.answer(true);
  second.answer(false);
  await settled;
  expect(isOverdue()).toBe(true);
});

it('of two invalidations at once, the later one covers the earlier, which Redis has not taken', async () => {
  const { first, second, settled, isOverdue } = twoRenewals();
  second.answer(true);
  first.answer(false);
  await settled;
  expect(isOverdue()).toBe(false);
});

it('while Redis has not answered, what is being invalidated is not read', async () => {
  const { first, second, settled, isOverdue } = twoRenewals();
  expect(isOverdue()).toBe(true);
  first.answer(true);
  second.answer(true);
  await settled;
  expect(isOverdue()).toBe(false);
});
