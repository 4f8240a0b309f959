import { createConnection, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { requiredVariable } from './environment.js';

export interface Traffic {
  /** Commands by name, as the server saw them. */
  readonly commands: Readonly<Record<string, number>>;
  /** How often something was sent after an answer had come: each time somebody waited for the network. */
  readonly roundTrips: number;
}

/** A Redis address on which everything that passes is counted. */
export class CountedRedis {
  #commands: Record<string, number> = {};
  #roundTrips = 0;
  readonly #ownPorts = new Set<number>();

  private constructor(
    private readonly target: URL,
    private readonly monitor: Redis,
    private readonly server = createServer(),
  ) {
    monitor.on('monitor', (_time: string, [command = '']: string[], source: string) => {
      if (!this.#ownPorts.has(Number(source.split(':').at(-1)))) return;
      const name = command.toUpperCase();
      this.#commands[name] = (this.#commands[name] ?? 0) + 1;
    });
    server.on('connection', (client) => {
      const upstream = createConnection({ host: target.hostname, port: Number(target.port || 6379) }, () => {
        this.#ownPorts.add(upstream.localPort ?? 0);
      });
      let isAnswered = true;
      client.on('data', () => {
        if (isAnswered) this.#roundTrips++;
        isAnswered = false;
      });
      upstream.on('data', () => (isAnswered = true));
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    });
  }

  static async open(): Promise<CountedRedis> {
    const url = requiredVariable('REDIS_URL');
    const redis = new Redis(url);
    const counted = new CountedRedis(new URL(url), await redis.monitor());
    redis.disconnect();
    counted.server.listen(0, '127.0.0.1');
    await once(counted.server, 'listening');
    return counted;
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** What passes while `work` runs. */
  async count(work: () => Promise<void>): Promise<Traffic> {
    await this.#settle();
    this.#commands = {};
    this.#roundTrips = 0;
    await work();
    const roundTrips = this.#roundTrips;
    await this.#settle();
    return { commands: this.#commands, roundTrips };
  }

  close(): void {
    this.monitor.disconnect();
    this.server.close();
  }

  /** Waits until the monitor has told of everything that Redis has executed. */
  async #settle(): Promise<void> {
    const mark = `bench ${String(performance.now())}`;
    const seen = new Promise<void>((resolve) => {
      const listen = (_time: string, args: string[]) => {
        if (args[1] !== mark) return;
        this.monitor.off('monitor', listen);
        resolve();
      };
      this.monitor.on('monitor', listen);
    });
    const redis = new Redis(requiredVariable('REDIS_URL'));
    await redis.echo(mark);
    redis.disconnect();
    await seen;
  }
}
