import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from '../../../scripts/services/compiled.js';

export interface WorkerProcess {
  /** All that it has logged. */
  readonly log: () => string;
  readonly isRunning: () => boolean;
  /** As the kernel does it: without a chance to say good-bye. */
  readonly kill: () => Promise<void>;
  /** As whoever deploys does it. @returns its exit code */
  readonly stop: () => Promise<number | null>;
}

/** src/worker.ts, in a process of its own; resolves when it works. */
export async function startWorker(environment: Record<string, string>): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [compiled('src/worker.ts')], {
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'log', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const working = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('Working')) resolve();
      });
    }
    child.once('exit', () => reject(new Error(`The worker has ended:\n${log}`)));
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals) => {
    if (!isRunning()) return child.exitCode;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode;
  };
  await working;
  return { log: () => log, isRunning, kill: () => end('SIGKILL').then(() => undefined), stop: () => end('SIGTERM') };
}
