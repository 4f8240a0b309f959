import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedis } from '../../scripts/services/local-redis.js';
import { variable } from './postgres.js';

/** A Redis of one suite's own, for suites that take it away. */
export interface OwnRedis {
  readonly url: string;
  /** Where it keeps what it persists. */
  readonly directory: string;
  /** By name, e.g. SIGSTOP. */
  readonly signal: (name: string) => void;
  /** As somebody with access to it. */
  readonly command: (name: string, ...rest: string[]) => Promise<unknown>;
  readonly kill: () => Promise<void>;
  /** On the same port. */
  readonly startAgain: () => Promise<void>;
  /** Call it when the application is closed. */
  readonly stop: () => Promise<void>;
}

/** Starts one, and points the environment's variable to it until it is stopped. */
export async function startOwnRedis(name: 'REDIS_URL' | 'DURABLE_REDIS_URL', isPersistent: boolean): Promise<OwnRedis> {
  const shared = variable(name);
  const directory = mkdtempSync(join(tmpdir(), 'project-1041-redis-'));
  let redis = await startRedis(directory, isPersistent);
  const { url } = redis;
  process.env[name] = url;
  const signal = (signalName: string) => {
    spawnSync('kill', [`-${signalName}`, readFileSync(join(directory, 'redis.pid'), 'utf8').trim()]);
  };
  return {
    url,
    directory,
    signal,
    command: async (name, ...rest) => {
      const raw = new Redis(url);
      return raw.call(name, ...rest).finally(() => raw.disconnect());
    },
    kill: async () => {
      signal('SIGKILL');
      await redis.stop();
    },
    startAgain: async () => {
      redis = await startRedis(directory, isPersistent, Number(new URL(url).port));
    },
    stop: async () => {
      process.env[name] = shared;
      signal('SIGCONT');
      await redis.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
