import { randomInt } from 'node:crypto';
import type { Layer } from '../audit/index.js';
import type { CanaryProbe } from './canary-probes.js';
import type { CanaryPair, CanaryTenant } from './canary-tenants.js';

/**
 * What a probe came to, from best to worst. `unknown`: a server did not answer. `blind`: a tenant was not shown
 * its own secret, or met an error that no outage explains. `foreign`: one was shown the other's.
 */
export const outcomes = ['ok', 'unknown', 'blind', 'foreign'] as const;
export type Outcome = (typeof outcomes)[number];

export interface Finding {
  readonly layer: Layer;
  /** The probe's name. */
  readonly probe: string;
  readonly outcome: Outcome;
}

export interface Exercise {
  readonly outcome: Outcome;
  /** The first error that somebody met. */
  readonly cause: unknown;
}

/** Where the looks of a run take place. */
export interface Stand {
  readonly pair: CanaryPair;
  readonly as: <T>(tenant: CanaryTenant, work: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
  /** Whether the error says no more than that a server is away. */
  readonly isOutage: (error: unknown) => boolean;
}

/**
 * Both tenants look: in the same moment with nothing cached, one after the other in both orders, and again in
 * the same moment with everything cached. Leaks of a key, of single-flight and of a remembered tenant each
 * need one of these.
 */
export async function exercise(probe: CanaryProbe, stand: Stand): Promise<Exercise> {
  const { pair, as, signal } = stand;
  const [a, b] = pair;
  const first = randomInt(2 ** 30, 2 ** 31 - 3);
  const numbers = [first, first + 1, first + 2] as const;
  const seen: Outcome[] = [];
  const errors: unknown[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      signal.throwIfAborted();
      return await Promise.race([work(), aborted(signal)]);
    } catch (error) {
      seen.push(signal.aborted || stand.isOutage(error) ? 'unknown' : 'blind');
      errors.push(error);
      return undefined;
    }
  };

  const places = new Map<CanaryTenant, unknown>();
  for (const tenant of pair)
    await attempt(async () => places.set(tenant, await as(tenant, async () => probe.plant?.(tenant.secret))));
  const look = async (tenant: CanaryTenant, number: number) => {
    const other = tenant === a ? b : a;
    const turn = { number, own: places.get(tenant), other: places.get(other), signal };
    const shown = await attempt(() => as(tenant, () => probe.look(turn)));
    if (shown !== undefined) seen.push(judge(shown, tenant.secret, other.secret));
  };
  if (places.size === pair.length) {
    await Promise.all([look(a, numbers[0]), look(b, numbers[0])]);
    for (const tenant of [a, b]) await look(tenant, numbers[1]);
    for (const tenant of [b, a]) await look(tenant, numbers[2]);
    await Promise.all([look(b, numbers[0]), look(a, numbers[0])]);
  }
  for (const [tenant, place] of places)
    await as(tenant, async () => probe.clear?.(place, numbers)).catch(() => undefined); // the next run clears, too
  return { outcome: outcomes.findLast((outcome) => seen.includes(outcome)) ?? 'unknown', cause: errors[0] };
}

/** Who sees nothing has not shown that nothing leaks: only seeing one's own counts. */
function judge(shown: string, own: string, foreign: string): Outcome {
  if (shown.includes(foreign)) return 'foreign';
  return shown.includes(own) ? 'ok' : 'blind';
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
