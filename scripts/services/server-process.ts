import { spawn, type SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerProcess {
  readonly stop: () => Promise<void>;
}

interface ServerOptions extends Pick<SpawnOptions, 'uid' | 'gid' | 'cwd' | 'env'> {
  readonly command: string;
  readonly args: readonly string[];
  readonly stopSignal: NodeJS.Signals;
  /** Resolves once the server answers; rejects while it does not. */
  readonly probe: () => Promise<void>;
}

const startTimeoutMs = 30_000;

/**
 * Starts a server and resolves when it answers. It gets a process group of its own, so that a
 * Ctrl-C reaches the program that uses it and not the server under that program's feet.
 * @throws Error with the server's own output when it exits or does not answer in 30 s
 */
export async function startServer({
  command,
  args,
  stopSignal,
  probe,
  ...options
}: ServerOptions): Promise<ServerProcess> {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
  }
  let exited = false;
  const exit = new Promise<void>((resolve) => {
    child.once('error', (error) => (output += error.message));
    child.once('close', () => {
      exited = true;
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    if (!exited) child.kill(stopSignal);
    await exit;
  };

  const deadline = Date.now() + startTimeoutMs;
  // `exited` is assigned in a callback the control-flow analysis cannot see.
  while (!(exited as boolean) && Date.now() < deadline) {
    try {
      await probe();
      return { stop };
    } catch {
      await sleep(20);
    }
  }
  await stop();
  throw new Error(`${command} did not start. Its output:\n${output}`);
}
