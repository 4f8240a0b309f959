import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { startOnFreePort } from './free-port.js';
import { startServer, type ServerProcess } from './server-process.js';

export interface LocalRedis extends ServerProcess {
  readonly url: string;
}

/**
 * Starts redis-server (or valkey-server) from PATH on a free loopback port.
 * As root on Debian or Ubuntu it installs redis-server first when there is none.
 * @param directory where it keeps its files; created
 * @param isPersistent whether what it holds survives a restart
 * @param samePort the port of an earlier start, to start it again
 * @throws Error naming the three ways to get a Redis
 */
export async function startRedis(directory: string, isPersistent: boolean, samePort?: number): Promise<LocalRedis> {
  mkdirSync(directory, { recursive: true });
  const command = findRedis() ?? installRedis();
  const start = async (port: number) => {
    // With everysec what was answered may not be written yet, for up to two seconds of a slow disk: a killed server has lost it.
    const file = isPersistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const memory = ['--save', '', ...file, '--dir', directory];
    const identity = ['--pidfile', join(directory, 'redis.pid'), '--set-proc-title', 'no'];
    const { stop } = await startServer({
      command,
      args: ['--port', String(port), '--bind', '127.0.0.1', ...identity, ...memory],
      stopSignal: 'SIGTERM',
      probe: () => ping(port),
    });
    return { url: `redis://127.0.0.1:${String(port)}`, stop };
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

/** Redis answers PING with +PONG as soon as it accepts commands. */
function ping(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.toString().startsWith('+PONG')) resolve();
      else reject(new Error(answer.toString()));
    });
  });
}
