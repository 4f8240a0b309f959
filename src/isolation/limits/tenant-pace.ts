import { setTimeout as sleep } from 'node:timers/promises';
import { tooManyRequests } from '../../common/errors.js';
import type { TenantIdentity } from '../context/index.js';

/**
 * What a tenant may save up by asking for less. Much more than a page needs at once would be worked off in one go, and
 * everybody would wait behind it: with a second's worth the neighbour's slowest requests took ten times as long.
 */
const burstMs = 100;
/** Whoever would have to wait for longer is told to come back. */
const longestWaitMs = 1000;

/**
 * Keeps each tenant to a rate, in this process: requests that come faster wait, in their order, and only so
 * many of them. Waiting costs a timer; refusing at once would have a client in a hurry ask again at once,
 * which costs more than it saves.
 *
 * The generic cell rate algorithm (ITU-T I.371): all there is to remember of a tenant is when it would be
 * on time again, and nothing once that has passed.
 */
export class TenantPace {
  readonly #intervalMs: number;
  /** By tenant, the one that asked last at the end. Milliseconds of `performance.now()`. */
  readonly #onTimeAt = new Map<string, number>();

  constructor(requestsPerSecond: number) {
    this.#intervalMs = 1000 / requestsPerSecond;
  }

  /** How many tenants are remembered. */
  get size(): number {
    return this.#onTimeAt.size;
  }

  /**
   * Resolves when it is the tenant's turn.
   * @throws ProblemError too-many-requests
   */
  async waitForTurn({ tenantId }: Pick<TenantIdentity, 'tenantId'>): Promise<void> {
    const now = performance.now();
    this.#forget(now);
    const onTimeAt = Math.max(this.#onTimeAt.get(tenantId) ?? now, now);
    const waitMs = onTimeAt - burstMs - now;
    if (waitMs > longestWaitMs) throw tooManyRequests(waitMs);
    this.#onTimeAt.delete(tenantId); // so that it goes to the end
    this.#onTimeAt.set(tenantId, onTimeAt + this.#intervalMs);
    if (waitMs > 0) await sleep(waitMs);
  }

  /** Two for each that may come in: there are never many more than have asked in the last seconds. */
  #forget(now: number): void {
    let looked = 0;
    for (const [tenantId, onTimeAt] of this.#onTimeAt) {
      if (onTimeAt > now || looked++ === 2) return;
      this.#onTimeAt.delete(tenantId);
    }
  }
}
