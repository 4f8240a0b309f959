import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** src/main.ts in a process of its own. */
export interface AppProcess {
  readonly baseUrl: string;
  /** As the kernel does it. */
  readonly kill: () => Promise<void>;
}

interface Options {
  /** Of the project; another one's sources are another release. */
  readonly directory?: string;
  /** How far its clock is ahead of everybody else's. */
  readonly clockAheadMinutes?: number;
}

/** Starts one, with this process's environment; resolves when it listens. */
export async function startAppProcess({ directory, clockAheadMinutes = 0 }: Options = {}): Promise<AppProcess> {
  const imports = ['@swc-node/register/esm-register', ...(clockAheadMinutes ? [shiftedClock(clockAheadMinutes)] : [])];
  const child = spawn(process.execPath, [...imports.flatMap((name) => ['--import', name]), 'src/main.ts'], {
    cwd: directory,
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'log', PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const baseUrl = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-10_000);
        const url = /"msg":"Listening","url":"([^"]+)"/.exec(log)?.[1];
        if (url) resolve(url);
      });
    child.once('exit', () => reject(new Error(`The application has ended:\n${log}`)));
  });
  return {
    baseUrl,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** A module, as a URL. Of this process only `Date` is shifted: what PostgreSQL, Redis and timers go by is not. */
function shiftedClock(minutes: number): string {
  const source = `
    const Clock = Date;
    const now = () => Clock.now() + ${String(minutes * 60_000)};
    globalThis.Date = class Date extends Clock {
      constructor(...values) { if (values.length === 0) super(now()); else super(...values); }
      static now() { return now(); }
    };`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
