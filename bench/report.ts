export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** A target and whether it was reached. Never fails a run: machines differ, and are shared. */
export interface Verdict {
  readonly target: string;
  readonly measured: number;
  readonly isReached: boolean;
}

export interface CpuUse {
  readonly meter: string;
  /** CPU time per elapsed time. */
  readonly cores: number;
  readonly microsecondsPerOperation: number;
}

export interface Row extends Spread {
  readonly contestant: string;
  readonly unit: string;
  /** To the report's first contestant, of the same round. */
  readonly ratio?: Spread;
  readonly verdicts: readonly Verdict[];
  readonly cpu?: readonly CpuUse[];
}

export interface Report {
  readonly title: string;
  /** What was run, in figures: tenants, connections, operations in flight. */
  readonly setting: Readonly<Record<string, number | string>>;
  readonly rows: readonly Row[];
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
  return { median, minimum: sorted[0] ?? NaN, maximum: sorted.at(-1) ?? NaN };
}

/** Every verdict of the reports, and on what it was given. */
export function allVerdicts(reports: readonly Report[]) {
  return reports.flatMap(({ title, rows }) =>
    rows.flatMap(({ contestant, unit, verdicts }) =>
      verdicts.map((verdict) => ({ title, contestant, unit, ...verdict })),
    ),
  );
}
