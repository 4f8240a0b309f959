import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from '../../scripts/services/compiled.js';
import type { FromServer } from './http/serve.js';
import type { Meter } from './meters.js';

/** A server under load, in a process of its own. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /**
   * @param script in bench/support/http; ends with `serve()`
   * @param output where its standard output goes; "ignore" is /dev/null
   */
  static async start(
    script: string,
    environment: NodeJS.ProcessEnv = {},
    output: 'inherit' | 'ignore' = 'inherit',
  ): Promise<ServerProcess> {
    const child = fork(compiled(`bench/support/http/${script}`), {
      execArgv: [],
      stdio: ['inherit', output, 'inherit', 'ipc'],
      // Its visitors are few tenants: they would be measured at the pace that a tenant is held to.
      env: { ...process.env, LOG_LEVEL: 'warn', TENANT_REQUESTS_PER_SECOND: '1000000', ...environment },
    });
    const message = await answer(child);
    if (!('port' in message)) throw new Error(`${script} did not say where it listens.`);
    return new ServerProcess(child, message.port);
  }

  async cpuSeconds(): Promise<number> {
    this.child.send('How much CPU time so far?');
    const message = await answer(this.child);
    return 'cpuSeconds' in message ? message.cpuSeconds : NaN;
  }

  async stop(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.disconnect();
    await exit;
  }
}

/** All of them together: those that are not under load spend next to nothing. */
export function serverMeter(servers: readonly ServerProcess[]): Meter {
  return {
    name: 'server',
    read: async () => {
      const seconds = await Promise.all(servers.map((server) => server.cpuSeconds()));
      return seconds.reduce((sum, ofOne) => sum + ofOne, 0);
    },
  };
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
