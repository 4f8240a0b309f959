import { z } from 'zod';

const secret = z.string().min(32, 'must be at least 32 characters; make one with: openssl rand -base64 32');
/** Stands in every secret of docker-compose.yml, so that none of them can end up in production. */
const demoSecretMark = 'demo-only';
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/[^/]+\/.+/, 'must be postgresql://role:password@host:port/database');
const redisUrl = z.string().regex(/^rediss?:\/\/.+/, 'must be redis://host:port or rediss://host:port');
/** As it may stand in a header. */
const word = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
const bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket');
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
const networks = z
  .string()
  .refine((list) => list.split(',').every((entry) => network.safeParse(entry.trim()).success), {
    message: 'must be addresses or CIDR ranges, with commas between',
  });
const integer = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);

/** The environment the application runs in: every variable it reads, and nothing else reads any. */
const variables = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  /** Loopback unless told otherwise. */
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(0, 65_535).default(3000),
  TRUST_PROXY: networks.optional(),
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  /** Without it there are no metrics to read. */
  METRICS_PORT: integer(0, 65_535).optional(),
  LOG_LEVEL: z.enum(['error', 'warn', 'log', 'debug']).default('log'),

  DATABASE_URL: postgresUrl,
  SYSTEM_DATABASE_URL: postgresUrl,
  DATABASE_POOLER: z.enum(['none', 'transaction']).default('none'),
  DATABASE_POOL_SIZE: integer(1, 1000).default(10),
  DATABASE_STATEMENT_TIMEOUT_MS: integer(10, 600_000).default(5000),
  TENANT_PROOF_KEY: secret,

  REDIS_URL: redisUrl,
  CACHE_COMMAND_TIMEOUT_MS: integer(5, 10_000).default(250),
  CACHE_ENVELOPE_KEY: secret,

  DURABLE_REDIS_URL: redisUrl,
  DURABLE_COMMAND_TIMEOUT_MS: integer(5, 10_000).default(1000),
  JOB_SIGNING_KEY: secret,
  JOB_LOCK_SECONDS: integer(1, 3600).default(30),
  JOB_LEASE_SECONDS: integer(1, 86_400).default(600),
  MEMORY_SEAL_KEY: secret,
  REALTIME_SEAL_KEY: secret,
  REALTIME_HEARTBEAT_SECONDS: integer(1, 300).default(15),
  REALTIME_MAX_STREAMS: integer(1, 100_000).default(5000),

  CANARY_INTERVAL_SECONDS: integer(0, 3600).default(60),
  CANARY_PROBE_TIMEOUT_MS: integer(100, 120_000).default(15_000),
  CACHE_SAMPLE_ONE_IN: integer(0, 1_000_000).default(1000),

  STORAGE_DIRECTORY: z.string().regex(/^\//, 'must be an absolute path').optional(),
  STORAGE_S3_BUCKET: bucket.optional(),
  STORAGE_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  STORAGE_SEAL_KEY: secret,

  ETAG_KEY: secret,

  JWT_SECRET: secret,
  JWT_LIFETIME_SECONDS: integer(30, 86_400).default(300),

  TENANT_REQUESTS_PER_SECOND: integer(1, 1_000_000).default(200),
  LOGIN_FAILURES_PER_ADDRESS: integer(1, 1_000_000).default(100),
  VISITORS_PER_ADDRESS: integer(1, 1_000_000).default(100),

  /** Without it answers are composed here, of what was found. */
  ASSISTANT_API_KEY: word.optional(),
  ASSISTANT_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://api.openai.com/v1'),
  ASSISTANT_MODEL: word.default('gpt-4.1-mini'),
  ASSISTANT_TIMEOUT_MS: integer(10, 120_000).default(20_000),
});

/** Files lie in a folder or in a bucket. A default would be a folder that goes with the next deployment. */
const schema = variables.refine(({ STORAGE_DIRECTORY, STORAGE_S3_BUCKET }) => STORAGE_DIRECTORY ?? STORAGE_S3_BUCKET, {
  path: ['STORAGE_DIRECTORY'],
  when: () => true, // also when other variables are wrong: the error names all
});

export type Configuration = Readonly<z.infer<typeof schema>>;
export const variableNames: readonly string[] = Object.keys(variables.shape);

/**
 * @throws Error naming every variable that is missing or wrong, and printing no value: values are
 * secrets, and this text goes to the log
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const given = Object.fromEntries(variableNames.map((name) => [name, environment[name] || undefined]));
  const { data, error } = schema.safeParse(given);
  const problems = (error?.issues ?? []).map(({ path, message }) => {
    const name = path.join('.');
    return `  ${name}: ${given[name] === undefined ? 'is not set' : message}`;
  });
  if (given['NODE_ENV'] === 'production') {
    const marked = variableNames.filter((name) => given[name]?.includes(demoSecretMark));
    problems.push(...marked.map((name) => `  ${name}: is a secret of the demo, which is public`));
  }
  if (data && problems.length === 0) return Object.freeze(data);
  throw new Error(`The environment is not complete (.env.example explains each variable):\n${problems.join('\n')}`);
}
