import type fc from 'fast-check';
import type { RedisStore } from '../../../src/isolation/cache/redis-store.js';

/** What a store does wrong, so that the check is seen to fail. */
export type Flaw = 'generations do not move' | 'keys lack the tenant';

/**
 * What the cache's code sees of Redis, in memory. Each command awaits the scheduler twice: before it takes effect, and
 * before its answer arrives. Scheduling a function would delay its answer only, and let every effect happen in the order
 * of the calls.
 */
export function scheduledStore(scheduler: fc.Scheduler, flaw?: Flaw): RedisStore {
  const values = new Map<string, string>();
  const place = (key: string) => (flaw === 'keys lack the tenant' ? key.replace(/\{.*\}/, '') : key);
  const isFixed = (key: string) => flaw === 'generations do not move' && key.includes(':generation:');
  const command = async <T>(name: string, effect: () => T): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), `${name} reaches Redis`);
    const answer = effect();
    await scheduler.schedule(Promise.resolve(), `${name} is answered`);
    return answer;
  };
  const store: Pick<RedisStore, 'read' | 'write' | 'delete' | 'readOrCreate' | 'isReady' | 'close'> = {
    isReady: true,
    read: (keys) => command('MGET', () => keys.map((key) => values.get(place(key)))),
    write: (key, opaque) =>
      command('SET', () => {
        if (!isFixed(key)) values.set(place(key), opaque);
        return true;
      }),
    delete: (key) => command('DEL', () => void values.delete(place(key))),
    readOrCreate: (keys, opaque) =>
      command('SET NX, MGET', () =>
        keys.map((key) => {
          if (!values.has(place(key))) values.set(place(key), opaque);
          return values.get(place(key));
        }),
      ),
    close: () => Promise.resolve(),
  };
  return store as RedisStore;
}
