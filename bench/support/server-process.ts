import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromServer, Ready } from './http-protocol.js';
import type { Meter } from './meters.js';

/** The application under load, in a process of its own. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly ready: Ready,
  ) {}

  static async start(): Promise<ServerProcess> {
    const child = fork(join(import.meta.dirname, 'http-server.ts'));
    const message = await answer(child);
    if (!('port' in message)) throw new Error('The server did not say where it listens.');
    return new ServerProcess(child, message);
  }

  get meter(): Meter {
    return {
      name: 'server',
      read: async () => {
        this.child.send('How much CPU time so far?');
        const message = await answer(this.child);
        return 'cpuSeconds' in message ? message.cpuSeconds : NaN;
      },
    };
  }

  async stop(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.disconnect();
    await exit;
  }
}

async function answer(child: ChildProcess): Promise<FromServer> {
  const exited = new AbortController();
  const exit = once(child, 'exit', { signal: exited.signal }).then(([code]) => {
    throw new Error(`The server ended with exit code ${String(code)}; its output is above.`);
  });
  exit.catch(() => undefined);
  try {
    const [message] = (await Promise.race([once(child, 'message'), exit])) as [FromServer];
    return message;
  } finally {
    exited.abort();
  }
}
