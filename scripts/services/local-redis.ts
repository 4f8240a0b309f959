import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startOnFreePort } from './free-port.js';
import { readOrCreate } from './local-directory.js';
import { startServer, type ServerProcess } from './server-process.js';

export interface LocalRedis extends ServerProcess {
  readonly url: string;
}

/**
 * Starts redis-server (or valkey-server) from PATH on a free loopback port.
 * As root on Debian or Ubuntu it installs redis-server first when there is none.
 *
 * It has a password of its own. Ports are given away again: without one, whoever still reconnects to a server that is
 * gone, or starts another in the same moment, would reach this one and take it for theirs.
 * @param directory where it keeps its files, the password among them; created
 * @param isPersistent whether what it holds survives a restart
 * @param samePort the port of an earlier start, to start it again
 * @throws Error naming the three ways to get a Redis
 */
export async function startRedis(directory: string, isPersistent: boolean, samePort?: number): Promise<LocalRedis> {
  mkdirSync(directory, { recursive: true });
  const command = findRedis() ?? installRedis();
  const password = readOrCreate(join(directory, 'password.json'), () => randomBytes(32).toString('base64url'));
  const configuration = join(directory, 'redis.conf'); // an argument would be there for everybody to see
  writeFileSync(configuration, `requirepass ${password}\n`, { mode: 0o600 });
  const start = async (port: number) => {
    // With everysec what was answered may not be written yet, for up to two seconds of a slow disk: a killed server has lost it.
    const file = isPersistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const memory = ['--save', '', ...file, '--dir', directory];
    const identity = ['--pidfile', join(directory, 'redis.pid'), '--set-proc-title', 'no'];
    const { stop } = await startServer({
      command,
      args: [configuration, '--port', String(port), '--bind', '127.0.0.1', ...identity, ...memory],
      stopSignal: 'SIGTERM',
      probe: () => ping(port, password),
    });
    return { url: `redis://:${password}@127.0.0.1:${String(port)}`, stop };
  };
  return samePort === undefined ? startOnFreePort(start) : start(samePort);
}

function findRedis(): string | undefined {
  return ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
}

function installRedis(): string {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('apt-get', ['--version']).status === 0) {
    console.log('No redis-server or valkey-server on PATH: installing redis-server with apt-get …');
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'],
    ]) {
      spawnSync('apt-get', args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
    }
    const installed = findRedis();
    if (installed) return installed;
  }
  throw new Error(
    [
      'No Redis found. Any one of these gives you one:',
      '  1. set REDIS_URL and DURABLE_REDIS_URL to two that are running',
      '  2. put redis-server or valkey-server on PATH (brew install redis, apt-get install redis-server, …)',
      '  3. run this as root where apt-get is at hand: it then installs redis-server by itself',
    ].join('\n'),
  );
}

/** Resolves as soon as Redis accepts commands; another's Redis does not accept them with our password. */
async function ping(port: number, password: string): Promise<void> {
  const once = { lazyConnect: true, retryStrategy: () => null, disconnectTimeout: 0 }; // whose timer would keep the process
  const redis = new Redis({ host: '127.0.0.1', port, password, ...once });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}
