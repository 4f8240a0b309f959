import { Injectable, Logger } from '@nestjs/common';
import { isolationViolations } from '../logging/index.js';

/** The registry: what can be refused, by the layer that refuses it. */
export const violations = {
  cache: ['forged envelope', 'misplaced envelope', 'foreign value', 'cache disagrees with database'],
  database: ['refused by policy'],
  queue: ['forged job', 'misplaced job', 'altered job'],
  sessions: ['refresh token reused', 'session of somebody else'],
  memory: ['forged item', 'misplaced item', 'foreign prompt part'],
  storage: ['misplaced object'],
  limits: ['too many attempts'],
  realtime: ['forged event', 'misplaced event', 'foreign event'],
  http: [],
} as const;
/** In any layer: what no guard there refused. */
export const seenByCanary = 'foreign secret seen by canary';

export type Layer = keyof typeof violations;
export type ViolationOf<L extends Layer> = (typeof violations)[L][number] | typeof seenByCanary;

/** A crossing between tenants, or an attempt at one, that a guard has refused. */
export interface SecurityEvent<L extends Layer = Layer> {
  readonly layer: L;
  readonly kind: ViolationOf<L>;
  /** Where: a key, a route. Never a value. */
  readonly subject: string;
}

interface Recorded extends Pick<SecurityEvent, 'layer' | 'kind'> {
  readonly count: number;
  readonly at: number;
}

/** The alarm that was missing for 72 hours: every refused crossing is counted (isolation_violations_total), and logged as an error. */
@Injectable()
export class SecurityEvents {
  readonly #logger = new Logger('SecurityEvent');
  /** By layer and kind. When it was last recorded: milliseconds since 1970. */
  readonly #recorded = new Map<string, Recorded>();

  record<L extends Layer>({ layer, kind, subject }: SecurityEvent<L>): void {
    this.#recorded.set(`${layer}/${kind}`, { layer, kind, count: this.count(layer, kind) + 1, at: Date.now() });
    isolationViolations.inc({ layer, kind });
    this.#logger.error({ msg: 'A crossing was refused', layer, kind, subject });
  }

  /** How many such events this process has recorded. */
  count(layer: Layer, kind: string): number {
    return this.#recorded.get(`${layer}/${kind}`)?.count ?? 0;
  }

  /** What this process has recorded since then, each kind once. */
  since(time: number): Pick<SecurityEvent, 'layer' | 'kind'>[] {
    const recent = [...this.#recorded.values()].filter(({ at }) => at >= time);
    return recent.map(({ layer, kind }) => ({ layer, kind }));
  }
}
