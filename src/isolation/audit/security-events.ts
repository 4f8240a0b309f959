import { Injectable, Logger } from '@nestjs/common';
import { TenantContext } from '../context/index.js';

export type Layer = 'cache' | 'database' | 'http' | 'queue' | 'sessions' | 'memory' | 'storage';

/** A crossing between tenants, or an attempt at one, that a guard has refused. */
export interface SecurityEvent {
  readonly layer: Layer;
  /** What was refused, e.g. "misplaced envelope". */
  readonly kind: string;
  /** Where: a key, a route. Never a value. */
  readonly subject: string;
}

/** The alarm that was missing for 72 hours: every refused crossing is counted and logged as an error. */
@Injectable()
export class SecurityEvents {
  readonly #logger = new Logger('SecurityEvent');
  readonly #counts = new Map<string, number>();
  /** By kind, and when it was last recorded: milliseconds since 1970. */
  readonly #latest = new Map<string, Pick<SecurityEvent, 'layer' | 'kind'> & { readonly at: number }>();

  constructor(private readonly context: TenantContext) {}

  record(event: SecurityEvent): void {
    const name = `${event.layer}/${event.kind}`;
    this.#counts.set(name, this.count(event.layer, event.kind) + 1);
    this.#latest.set(name, { layer: event.layer, kind: event.kind, at: Date.now() });
    this.#logger.error(JSON.stringify({ ...event, requestId: this.context.requestId }));
  }

  /** How many such events this process has recorded. */
  count(layer: Layer, kind: string): number {
    return this.#counts.get(`${layer}/${kind}`) ?? 0;
  }

  /** What this process has recorded since then, each kind once. */
  since(time: number): Pick<SecurityEvent, 'layer' | 'kind'>[] {
    const recent = [...this.#latest.values()].filter(({ at }) => at >= time);
    return recent.map(({ layer, kind }) => ({ layer, kind }));
  }
}
