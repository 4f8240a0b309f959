import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Options } from './options.js';
import type { Machine } from './support/machine.js';

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
  /** To the group's first contestant, of the same round. */
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

const results = join(import.meta.dirname, 'results');

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
  return { median, minimum: sorted[0] ?? NaN, maximum: sorted.at(-1) ?? NaN };
}

export function print({ title, setting, rows }: Report): void {
  const settings = Object.entries(setting).map(([name, value]) => `${name} ${String(value)}`);
  console.log(`\n${title}\n${settings.join(', ')}\n`);
  const header = ['', 'median [min–max]', 'ratio to a [min–max]', 'target', 'CPU: cores, µs per operation'];
  const lines = [header, ...rows.map(cells)];
  const isUsed = header.map((_, column) => column === 0 || lines.some((line, row) => row > 0 && line[column] !== ''));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    const padded = line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).filter((_, column) => isUsed[column]);
    console.log(`  ${padded.join('   ')}`.trimEnd());
  }
}

/** Writes what was printed, and where it was measured, to bench/results: the only source of figures anywhere. */
export function save(group: string, result: { machine: Machine; options: Options; reports: readonly Report[] }): void {
  mkdirSync(results, { recursive: true });
  const dated = { date: new Date().toISOString(), ...result };
  writeFileSync(join(results, `${group}.json`), `${JSON.stringify(dated, roundedNumbers, 2)}\n`);
}

function cells({ contestant, unit, ratio, verdicts, cpu = [], ...speed }: Row): string[] {
  return [
    contestant,
    `${range(speed, figure)} ${unit}`,
    ratio ? range(ratio, hundredths) : '',
    verdicts
      .map(({ target, measured, isReached }) => `${target}: ${figure(measured)} ${isReached ? '✔' : '✘'}`)
      .join(', '),
    cpu.map((use) => `${use.meter} ${hundredths(use.cores)}, ${figure(use.microsecondsPerOperation)}`).join('; '),
  ];
}

function range({ median, minimum, maximum }: Spread, format: (value: number) => string): string {
  return `${format(median)} [${format(minimum)}–${format(maximum)}]`;
}

const hundredths = (value: number): string => value.toFixed(2);

/** Three significant digits or more: 1.00, 0.934, 12.3, 5120. */
function figure(value: number): string {
  return value.toFixed(Math.max(0, value < 10 ? 2 : value < 100 ? 1 : 0));
}

function roundedNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e4) / 1e4 : value;
}
