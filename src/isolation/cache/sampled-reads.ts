import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError } from '../../common/errors.js';

/** Between a change's commit and its invalidation: whoever reads in between finds the two different, and nothing is wrong. */
const settleMs = 2000;

/** A hit that is looked into: what it served, and how to find out what it should have. */
export interface SampledRead {
  /** JSON text. */
  readonly served: string;
  /** As the one who asked, JSON text; undefined when there is no such thing. */
  readonly load: () => Promise<string | undefined>;
  /** Whether the entry is still valid under the generations that it was served under. */
  readonly isCurrent: () => Promise<boolean>;
  readonly onDisagreement: () => Promise<void>;
}

/**
 * Compares some hits with the database, after they have been answered. Seals say that an entry is in its place,
 * and generations that nothing has changed it; that it is what the database says, nobody but the database says.
 */
export class SampledReads {
  readonly #share: number;
  #isComparing = false;

  /** @param oneIn of so many hits one is looked into; 0 for none */
  constructor(oneIn: number) {
    this.#share = oneIn === 0 ? 0 : 1 / oneIn;
  }

  /** One at a time: a database that is slow already is not asked twice for everything. */
  isNext(): boolean {
    return Math.random() < this.#share && !this.#isComparing;
  }

  /** Begins when this turn of the event loop, which sends the answer, is over. Stays in the caller's context. */
  compareLater(read: SampledRead): void {
    this.#isComparing = true;
    setImmediate(() => {
      void this.#compare(read)
        .catch(() => undefined) // a server is away: nothing has been found out
        .finally(() => (this.#isComparing = false));
    });
  }

  async #compare({ served, load, isCurrent, onDisagreement }: SampledRead): Promise<void> {
    const isWrong = async () => (await loadOrNothing(load)) !== served && (await isCurrent());
    if (!(await isWrong())) return;
    await sleep(settleMs, undefined, { ref: false });
    if (await isWrong()) await onDisagreement();
  }
}

/** An entry of what has been deleted is wrong, too. */
async function loadOrNothing(load: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'not-found') return undefined;
    throw error;
  }
}
