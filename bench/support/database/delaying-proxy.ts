import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A network in front of PostgreSQL: everything takes the given time each way. */
export class DelayingProxy {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  /** @param url of a database; its server is what the proxy stands in front of */
  static async start(url: string, oneWayMs: number): Promise<DelayingProxy> {
    const { hostname, port } = new URL(url);
    const child = fork(join(import.meta.dirname, 'delaying-proxy.process.ts'), [
      hostname,
      port || '5432',
      String(oneWayMs),
    ]);
    const ended = once(child, 'exit').then(() => {
      throw new Error('The delaying proxy ended before it listened; its output is above.');
    });
    const [listensOn] = (await Promise.race([once(child, 'message'), ended])) as [number];
    return new DelayingProxy(child, listensOn);
  }

  /** The same database, reached through the proxy. */
  through(url: string): string {
    const proxied = new URL(url);
    proxied.hostname = '127.0.0.1';
    proxied.port = String(this.port);
    return proxied.href;
  }

  async stop(): Promise<void> {
    if (!this.child.connected) return;
    const exit = once(this.child, 'exit');
    this.child.disconnect();
    await exit;
  }
}
