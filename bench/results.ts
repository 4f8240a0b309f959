import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Options } from './options.js';
import type { Report } from './report.js';
import type { Machine } from './support/machine.js';

/** What one group gave, and where: the only source of figures anywhere. */
export interface Result {
  readonly date: string;
  readonly machine: Machine;
  readonly options: Options;
  readonly reports: readonly Report[];
}

const directory = join(import.meta.dirname, 'results');

/** @throws Error when a figure is not a number: JSON would record it as null */
export function saveResult(group: string, result: Result): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${group}.json`), `${JSON.stringify(result, roundedNumbers, 2)}\n`);
}

/** The recorded results, by group. */
export function readResults(): ReadonlyMap<string, Result> {
  const files = readdirSync(directory).filter((file) => file.endsWith('.json'));
  return new Map(
    files.map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(directory, file), 'utf8')) as Result]),
  );
}

function roundedNumbers(key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) throw new Error(`"${key}" is ${String(value)}: nothing was measured there.`);
  return Math.round(value * 1e4) / 1e4;
}
