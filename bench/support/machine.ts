import { cpus, release, totalmem, type } from 'node:os';
import { Redis } from 'ioredis';
import { asAdmin } from './admin.js';
import { requiredVariable } from './environment.js';

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgresql: string;
  readonly redis: string;
}

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: totalmem() / 2 ** 30,
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
    postgresql: await postgresqlVersion(),
    redis: await redisVersion(),
  };
}

function postgresqlVersion(): Promise<string> {
  return asAdmin(async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? 'unknown';
  });
}

async function redisVersion(): Promise<string> {
  const redis = new Redis(requiredVariable('REDIS_URL'));
  const server = await redis.info('server');
  redis.disconnect();
  return /(?:valkey|redis)_version:(\S+)/.exec(server)?.[1] ?? 'unknown';
}
