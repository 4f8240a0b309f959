// Runs the proof: each part as a run of jest with long counts; then the tables, a page, and the verdict.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartRecord } from '../../test/proof/record.js';
import { jest } from '../services/jest.js';
import { projectRoot } from '../services/local-directory.js';
import { matrixPage } from './matrix-page.js';
import { matrixTable } from './matrix-table.js';
import type { MatrixDetails } from './matrix.js';
import { readOptions } from './options.js';
import type { Part } from './parts.js';

interface Outcome {
  readonly part: Part;
  readonly isProven: boolean;
  readonly seconds: number;
  readonly tests: number;
  readonly found: PartRecord | undefined;
}

const directory = join(projectRoot, '.local/proof');

try {
  const { parts, environment } = readOptions(process.argv.slice(2));
  console.log(`Seed ${String(environment['PROOF_SEED'])}; with --seed it is repeated.`);
  mkdirSync(directory, { recursive: true });
  const outcomes = parts.map((part) => prove(part, environment));
  for (const { part, found } of outcomes) if (part.name === 'matrix' && found) showMatrix(found);
  summarise(outcomes);
  process.exitCode = outcomes.every(({ isProven }) => isProven) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function prove(part: Part, environment: Readonly<Record<string, string>>): Outcome {
  console.log(`\n── ${part.name}: ${part.proves}`);
  const file = join(directory, `${part.name}.json`);
  const testsFile = join(directory, `${part.name}.tests.json`);
  for (const each of [file, testsFile]) rmSync(each, { force: true }); // what an earlier run found is not this one's
  const started = Date.now();
  const { status } = spawnSync(
    process.execPath,
    [
      ...jest,
      '--runInBand',
      '--testTimeout=7200000', // two hours: only so that what hangs ends
      '--json',
      `--outputFile=${testsFile}`,
      ...part.suites,
    ],
    { cwd: projectRoot, stdio: 'inherit', env: { ...process.env, ...environment, PROOF_DIRECTORY: directory } },
  );
  const tests = (read(testsFile) as { numPassedTests: number } | undefined)?.numPassedTests ?? 0;
  // A part in which nothing ran has proven nothing.
  const isProven = status === 0 && tests > 0;
  return { part, isProven, seconds: (Date.now() - started) / 1000, tests, found: read(file) as PartRecord | undefined };
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function showMatrix({ details }: PartRecord): void {
  console.log(`\n${matrixTable(details as MatrixDetails)}`);
  const page = join(directory, 'matrix.html');
  writeFileSync(page, matrixPage(details as MatrixDetails));
  console.log(`\nEach cell, with what was sent and what came: ${page}`);
}

function summarise(outcomes: readonly Outcome[]): void {
  console.log('\n── summary');
  for (const { part, isProven, seconds, tests, found } of outcomes) {
    const counts = Object.entries({ tests, ...found?.counts }).map(([name, count]) => `${String(count)} ${name}`);
    const verdict = isProven ? 'proven' : 'FAILED';
    console.log(`${verdict}  ${part.name.padEnd(16)} ${seconds.toFixed(0).padStart(5)} s  ${counts.join(', ')}`);
  }
}
