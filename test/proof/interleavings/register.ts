/** A write or a read of one value, from when it was asked for until it was answered. The clock counts, and measures nothing. */
export interface Operation {
  readonly kind: 'write' | 'read';
  readonly value: string;
  readonly asked: number;
  readonly answered: number;
}

/**
 * What is wrong with a history of one tenant's value. A read may return what was written last before it was asked for, or
 * anything whose writing overlaps with what came after; nothing that had been overwritten by then, and nothing that no write
 * of this tenant's wrote. So one's own writes are read, and what is stale is not.
 */
export function contradictions(history: readonly Operation[]): string[] {
  const writes = history.filter(({ kind }) => kind === 'write');
  return history.flatMap((read) => {
    if (read.kind === 'write') return [];
    const sources = writes.filter(({ value }) => value === read.value);
    if (sources.length === 0) return [`"${read.value}" was read, and this tenant never wrote it`];
    const faults = sources.map((source) => faultOf(read, source, writes));
    return faults.includes(undefined) ? [] : faults.slice(0, 1).map(String);
  });
}

/** Why the read cannot have returned what this write wrote, if it cannot. */
function faultOf(read: Operation, source: Operation, writes: readonly Operation[]): string | undefined {
  if (source.asked > read.answered) return `"${read.value}" was read before it was written`;
  const between = writes.find((other) => other.asked > source.answered && other.answered < read.asked);
  return between && `"${read.value}" was read after "${between.value}" had overwritten it`;
}

/** Counts events, so that each has a place before or after every other. */
export class Clock {
  #time = 0;

  tick(): number {
    return ++this.#time;
  }
}
