import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SteadyRate } from './steady-rate.js';
import type { Visit } from './visitor.js';

/** A tenant that asks far too often, in a process of its own. */
export class Flood {
  private constructor(private readonly child: ChildProcess) {}

  static async start(visit: Visit, rate: SteadyRate): Promise<Flood> {
    const flood = new Flood(
      fork(join(import.meta.dirname, 'flood.process.ts'), [JSON.stringify({ ...visit, ...rate })]),
    );
    await flood.#answered();
    return flood;
  }

  begin(): void {
    this.child.send('begin');
  }

  /** @returns how many requests have been answered since it began */
  async end(): Promise<number> {
    this.child.send('end');
    return this.#answered();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.disconnect();
    await exit;
  }

  async #answered(): Promise<number> {
    const settled = new AbortController();
    const { signal } = settled;
    const exit = once(this.child, 'exit', { signal }).then(() => {
      throw new Error('The flood ended by itself; its output is above.');
    });
    exit.catch(() => undefined);
    try {
      const [message] = (await Promise.race([once(this.child, 'message', { signal }), exit])) as [{ answered: number }];
      return message.answered;
    } finally {
      settled.abort();
    }
  }
}
