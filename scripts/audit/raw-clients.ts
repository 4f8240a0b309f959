/** A client that knows no tenant, and where it may be used. */
export interface RawClient {
  /** Packages and modules; also what lies below them ("pg/lib/client"). */
  readonly modules: RegExp;
  /** Its classes, which must not turn up elsewhere, however they got there. */
  readonly classes: readonly string[];
  /** Paths that begin like this. */
  readonly rooms: readonly string[];
}

export const rawClients: readonly RawClient[] = [
  {
    modules: /^(pg|pg-pool|pg-cursor|pg-native|postgres|@prisma\/[^/]+|(\.\.?\/)+generated)(\/.+)?$/,
    classes: ['PrismaClient', 'Pool', 'Client', 'ClientBase', 'PoolClient'],
    rooms: ['src/isolation/database/'],
  },
  {
    modules: /^(cache-manager|cache-manager-[^/]+|keyv|@keyv\/[^/]+)(\/.+)?$/,
    classes: ['Cache', 'RedisStore'],
    rooms: ['src/isolation/cache/redis-store.ts'],
  },
  {
    modules: /^(ioredis|redis|@redis\/[^/]+|iovalkey)(\/.+)?$/,
    classes: ['Redis', 'Cluster', 'ChainableCommander'],
    rooms: [
      'src/isolation/cache/',
      'src/isolation/sessions/',
      'src/isolation/memory/',
      'src/isolation/limits/',
      'src/isolation/queue/',
      'src/isolation/realtime/',
      'src/common/redis.ts',
    ],
  },
  {
    modules: /^(rate-limiter-flexible|@nestjs\/throttler|@fastify\/rate-limit)(\/.+)?$/,
    classes: ['RateLimiterRedis', 'RateLimiterMemory', 'RateLimiterStoreAbstract', 'RateLimiterAbstract'],
    rooms: ['src/isolation/limits/'],
  },
  {
    modules: /^(bullmq|@nestjs\/bullmq|bull|pg-boss|graphile-worker)(\/.+)?$/,
    classes: ['Queue', 'Worker', 'FlowProducer', 'QueueEvents'],
    rooms: ['src/isolation/queue/'],
  },
  {
    modules: /^((node:)?(fs|sqlite)|fs-extra|graceful-fs|@aws-sdk\/[^/]+|minio)(\/.+)?$/,
    classes: ['S3Client', 'FileHandle'],
    rooms: ['src/isolation/storage/'],
  },
  {
    modules: /^((node:)?(https?|http2|net|tls|dgram)|undici|axios|got|node-fetch|ws|nodemailer)(\/.+)?$/,
    classes: ['ClientRequest', 'Dispatcher'],
    rooms: [], // nothing calls other servers: what will, gets a room of its own
  },
  {
    modules: /^(pino|pino-[^/]+|nestjs-pino|prom-client|@opentelemetry\/[^/]+)(\/.+)?$/,
    classes: ['PinoLogger', 'Registry', 'Counter', 'Histogram', 'Gauge'],
    rooms: ['src/isolation/logging/'],
  },
  { modules: /^openai(\/.+)?$/, classes: ['OpenAI'], rooms: ['src/features/assistant/openai-provider.ts'] },
  {
    // Ways to reach any of the above, or to leave this process, unseen.
    modules: /^(node:)?(module|child_process|worker_threads|cluster|vm|repl|inspector)$/,
    classes: [],
    rooms: [],
  },
];
/** Of the platform, without an import. */
export const rawGlobals = {
  names: /^(fetch|WebSocket|EventSource|XMLHttpRequest)$/,
  rooms: [] as readonly string[],
} as const;
