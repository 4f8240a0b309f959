import { Injectable } from '@nestjs/common';
import type { Layer } from '../audit/index.js';

/** What a probe is given to look with. */
export interface CanaryTurn<Place = unknown> {
  /** Both tenants look under the same number, and no other turn has it. From 2^30 to 2^31, running on within a run. */
  readonly number: number;
  /** Where this tenant's secret has been planted. */
  readonly own: Place;
  /** Where the other's has: as an attacker would, who knows its ids. */
  readonly other: Place;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** How the canary looks at a layer. Every method is called in the context of one of the two tenants. */
export interface CanaryProbe<Place = unknown> {
  readonly layer: Layer;
  /** Stands in logs, and in the public answer of /health/isolation. */
  readonly name: string;
  /** Puts the tenant's secret there. Left out where the layer shows the secret of `canaryProject`, which both have. */
  plant?(secret: string): Promise<Place>;
  /** All that the tenant is shown, as text. When it is asked for the first time in a turn nothing is cached yet. */
  look(turn: CanaryTurn<Place>): Promise<string>;
  /** Takes away what the run has left behind under its turns' numbers. */
  clear?(place: Place, numbers: readonly number[]): Promise<void>;
}

/** What is looked at. Rooms have theirs in ./probes; features register further ones when they are made. */
@Injectable()
export class CanaryProbes {
  readonly #probes: CanaryProbe[] = [];

  register<Place>(probe: CanaryProbe<Place>): void {
    this.#probes.push(probe);
  }

  get all(): readonly CanaryProbe[] {
    return this.#probes;
  }
}
