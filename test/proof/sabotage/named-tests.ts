import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '../../../scripts/services/jest.js';
import type { Stage } from './stage.js';

/** A test as jest tells of it. */
export interface Assertion {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const slowestMs = 180_000;

/**
 * Runs the tests of one file whose full names have one of the titles in them.
 * @returns those tests; none when the file could not be run
 */
export async function runNamedTests(
  stage: Stage,
  file: string,
  titles: readonly string[],
): Promise<readonly Assertion[]> {
  const output = join(stage.directory, '.local/jest.json');
  rmSync(output, { force: true });
  const pattern = titles.map((title) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  await run(stage, ['--runInBand', '--json', `--outputFile=${output}`, '-t', pattern, '--runTestsByPath', file]);
  return readAssertions(output).filter(({ fullName }) => titles.some((title) => fullName.includes(title)));
}

function run({ directory, environment }: Stage, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        ...jest,
        '--forceExit', // what is broken may not end by itself
        '--testTimeout=30000',
        ...args,
      ],
      {
        cwd: directory,
        stdio: 'ignore',
        env: { ...process.env, ...environment },
        timeout: slowestMs,
        killSignal: 'SIGKILL',
      },
    );
    child.once('exit', () => resolve());
  });
}

function readAssertions(output: string): readonly Assertion[] {
  try {
    const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as {
      testResults: readonly { assertionResults: readonly Assertion[] }[];
    };
    return testResults.flatMap(({ assertionResults }) => assertionResults);
  } catch {
    return []; // it was ended, or jest could not start
  }
}
