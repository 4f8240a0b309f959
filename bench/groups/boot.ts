import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { spread, type Report } from '../report.js';

const boots = 5;
const targetMs = 2000;
const root = join(import.meta.dirname, '../..');

/** How long `npm start` takes until it listens: the process, its imports, createApp with its boot checks, listen. */
export async function bootTime(): Promise<readonly Report[]> {
  const build = compile();
  try {
    await boot(build); // reads everything from the disk once
    const times: number[] = [];
    for (let count = 0; count < boots; count++) times.push(await boot(build));
    const time = spread(times);
    const verdict = { target: `< ${String(targetMs)}`, measured: time.median, isReached: time.median < targetMs };
    const row = { contestant: 'from spawn to listening', unit: 'ms', ...time, verdicts: [verdict] };
    return [{ title: 'Boot: the application, compiled', setting: { boots }, rows: [row] }];
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
}

/** What `npm run build` makes, without the type check and not in dist: somebody may be running what is there. */
function compile(): string {
  const directory = join(root, `.local/bench-build-${String(process.pid)}`);
  const swc = join(dirname(createRequire(import.meta.url).resolve('@swc/cli/package.json')), 'bin/swc.js');
  const args = ['src', '--out-dir', directory, '--strip-leading-paths', '--config-file', '.swcrc', '--quiet'];
  execFileSync(process.execPath, [swc, ...args], { cwd: root, stdio: 'inherit' });
  return directory;
}

async function boot(build: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [join(build, 'main.js')], {
    cwd: root,
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'log' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let time: number | undefined;
  for await (const line of createInterface(child.stdout)) {
    if (!line.includes('Listening on')) continue;
    time = performance.now() - start;
    child.kill();
  }
  await exit;
  if (time === undefined) throw new Error('The application ended before it listened; its output is above.');
  return time;
}
