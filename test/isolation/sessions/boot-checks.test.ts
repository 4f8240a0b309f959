import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { startRedis, type LocalRedis } from '../../../scripts/services/local-redis.js';
import { SessionRedis } from '../../../src/isolation/sessions/session-redis.js';

// A Redis of its own, because its configuration is changed.
const directory = mkdtempSync(join(tmpdir(), 'project-1041-eviction-'));
let server: LocalRedis;
let redis: Redis;
beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startRedis(directory, false);
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const connect = async (isProduction: boolean) => {
  const sessionRedis = await SessionRedis.connect(server.url, 1000, isProduction);
  await sessionRedis.close();
};

it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
  'production does not start on a Redis that would evict sessions (%s), and does on one that would not',
  async (policy) => {
    await redis.config('SET', 'maxmemory', '64mb', 'maxmemory-policy', policy);
    await expect(connect(true)).rejects.toThrow(/DURABLE_REDIS_URL.*noeviction/);
    await expect(connect(false)).resolves.toBeUndefined();
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await expect(connect(true)).resolves.toBeUndefined();
    await redis.config('SET', 'maxmemory', '0', 'maxmemory-policy', policy); // it is never full
    await expect(connect(true)).resolves.toBeUndefined();
  },
);

it('a Redis that evicts, and that is there only after production has started, is told of as an error', async () => {
  await redis.config('SET', 'maxmemory', '64mb', 'maxmemory-policy', 'noeviction');
  const sessionRedis = await SessionRedis.connect(server.url, 1000, true);
  const told: unknown[] = [];
  Logger.overrideLogger({
    log: () => undefined,
    warn: () => undefined,
    error: (fields: unknown) => void told.push(fields),
  });
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await redis.client('KILL', 'SKIPME', 'yes'); // as if it were away, and another one came
  for (let turn = 0; turn < 100 && told.length === 0; turn++) await sleep(50);
  expect(told).toEqual([expect.objectContaining({ fault: expect.stringContaining('noeviction') as unknown })]);
  Logger.overrideLogger(false);
  await sessionRedis.close();
});
