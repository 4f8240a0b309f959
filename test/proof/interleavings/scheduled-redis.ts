import type fc from 'fast-check';
import type { Redis } from 'ioredis';

/**
 * Lets the scheduler go on only when nothing is under way in Redis. Otherwise what it can choose from would depend on how
 * fast Redis answers, and a schedule could not be repeated.
 */
export class Turns {
  #underWay = 0;

  /** For fc.scheduler. */
  readonly act = async (work: () => Promise<void>): Promise<void> => {
    await work();
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#underWay > 0);
  };

  async during<T>(command: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await command();
    } finally {
      this.#underWay -= 1;
    }
  }
}

type Arguments = (string | number)[];
/** A command that does something else than it should, with commands of its own. */
export type Substitute = (redis: Redis, ...values: Arguments) => Promise<unknown>;

/**
 * The real Redis. Each command awaits the scheduler twice: before it is sent, and before its answer is told. What a
 * substitute does instead of a command, it does in commands that await it, too.
 */
export function scheduledRedis(
  scheduler: fc.Scheduler,
  turns: Turns,
  redis: Redis,
  substitutes: Readonly<Record<string, Substitute>> = {},
): Redis {
  const send = (name: string, original: (...values: Arguments) => Promise<unknown>) => {
    return async (...values: Arguments) => {
      await scheduler.schedule(Promise.resolve(), `${name} reaches Redis`);
      const answer = await turns.during(() => original.apply(redis, values));
      await scheduler.schedule(Promise.resolve(), `${name} is answered`);
      return answer;
    };
  };
  const proxyWith = (replaced: typeof substitutes): Redis =>
    new Proxy(redis, {
      get: (target, name: string) => {
        const substitute = replaced[name];
        if (substitute) return (...values: Arguments) => substitute(proxyWith({}), ...values);
        return send(name, Reflect.get(target, name) as Parameters<typeof send>[1]);
      },
    });
  return proxyWith(substitutes);
}
