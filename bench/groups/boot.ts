import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spread, type Report } from '../report.js';
import { compiled } from '../../scripts/services/compiled.js';

const boots = 5;
const targetMs = 2000;
const root = join(import.meta.dirname, '../..');

/** How long `npm start` takes until it listens: the process, its imports, createApp with its boot checks, listen. */
export async function bootTime(): Promise<readonly Report[]> {
  const main = compiled('src/main.ts');
  await boot(main); // reads everything from the disk once
  const times: number[] = [];
  for (let count = 0; count < boots; count++) times.push(await boot(main));
  const time = spread(times);
  const verdict = { target: `< ${String(targetMs)}`, measured: time.median, isReached: time.median < targetMs };
  const row = { contestant: 'from spawn to listening', unit: 'ms', ...time, verdicts: [verdict] };
  return [{ title: 'Boot: the application, compiled', setting: { boots }, rows: [row] }];
}

async function boot(main: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [main], {
    cwd: root,
    // Without the compile cache that this run has: `npm start` has none.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', PORT: '0', LOG_LEVEL: 'log' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let time: number | undefined;
  for await (const line of createInterface(child.stdout)) {
    if (!line.includes('Listening')) continue;
    time = performance.now() - start;
    child.kill();
  }
  await exit;
  if (time === undefined) throw new Error('The application ended before it listened; its output is above.');
  return time;
}
