import { randomBytes } from 'node:crypto';
import type { RedisStore } from './redis-store.js';

/** Longer than any entry lives: a generation that outlives its entries cannot come back with them. */
const lifetimeMs = 7 * 24 * 3_600_000;
const retryOverdueMs = 1000;

/**
 * What entries are valid under: renewing a generation makes every entry that names the old one
 * unreadable, without knowing which there are. A new one is random and not a count: a counter that
 * Redis evicts would start over and revive old entries.
 */
export class Generations {
  /**
   * Not renewed yet, and what they are to become: being written, or Redis is away. Nothing under them may be read until they
   * are. As many as change while it is away, some hundred bytes each.
   */
  readonly #overdue = new Map<string, string>();
  #retry: NodeJS.Timeout | undefined;

  constructor(private readonly store: RedisStore) {}

  isAnyOverdue(keys: readonly string[]): boolean {
    return this.#overdue.size > 0 && keys.some((key) => this.#overdue.has(key));
  }

  /** The current ones, begun where there are none. Undefined when Redis is away. */
  async begin(keys: readonly string[]): Promise<readonly string[] | undefined> {
    const values = await this.store.readOrCreate(keys, newGeneration(), lifetimeMs);
    return values && isComplete(values) ? values : undefined;
  }

  /** Tried again every second until Redis has it. */
  async renew(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const generation = newGeneration();
      this.#overdue.set(key, generation);
      const isWritten = await this.store.write(key, generation, lifetimeMs);
      // What somebody has begun to write since is later than this one, and is still to come.
      if (isWritten && this.#overdue.get(key) === generation) this.#overdue.delete(key);
    }
    if (this.#overdue.size > 0) this.#retry ??= setTimeout(() => this.#retryOverdue(), retryOverdueMs).unref();
  }

  #retryOverdue(): void {
    this.#retry = undefined;
    void this.renew([...this.#overdue.keys()]);
  }
}

export function isComplete(values: readonly (string | undefined)[]): values is readonly string[] {
  return values.every((value) => value !== undefined);
}

function newGeneration(): string {
  return randomBytes(12).toString('base64url');
}
