import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfiguration, variableNames } from '../../src/config/configuration.js';

const root = join(import.meta.dirname, '../..');
const secrets = [
  'TENANT_PROOF_KEY',
  'CACHE_ENVELOPE_KEY',
  'JOB_SIGNING_KEY',
  'MEMORY_SEAL_KEY',
  'REALTIME_SEAL_KEY',
  'STORAGE_SEAL_KEY',
  'ETAG_KEY',
  'JWT_SECRET',
];
const urls = ['DATABASE_URL', 'SYSTEM_DATABASE_URL', 'REDIS_URL', 'DURABLE_REDIS_URL'];
const withoutDefault = [...urls, ...secrets, 'STORAGE_DIRECTORY'];

/** What has no default, and nothing else. */
const minimal = {
  DATABASE_URL: 'postgresql://app:word@localhost:5432/database',
  SYSTEM_DATABASE_URL: 'postgresql://system:word@localhost:5432/database',
  REDIS_URL: 'redis://localhost:6379',
  TENANT_PROOF_KEY: 'a key for proofs, of 32 characters',
  CACHE_ENVELOPE_KEY: 'a key for envelopes, of 32 characters',
  DURABLE_REDIS_URL: 'redis://localhost:6380',
  JOB_SIGNING_KEY: 'a key for signed jobs, of 32 characters',
  MEMORY_SEAL_KEY: 'a key for what is remembered, of 32 characters',
  REALTIME_SEAL_KEY: 'a key for events, of 32 characters',
  STORAGE_DIRECTORY: '/files',
  STORAGE_SEAL_KEY: 'a key for stored files, of 32 characters',
  ETAG_KEY: 'a key for tags of answers, of 32 characters',
  JWT_SECRET: 'a key for tokens, of 32 characters',
};

/** What the error says of each variable, by name. */
function complaints(environment: NodeJS.ProcessEnv): Record<string, string> {
  const message = messageFor(environment);
  return Object.fromEntries(
    [...message.matchAll(/^ {2}(\w+): (.+)$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
}
function messageFor(environment: NodeJS.ProcessEnv): string {
  try {
    readConfiguration(environment);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The environment was accepted.');
}

it('.env.example names what the application reads, and the two variables that only scripts read', () => {
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  const names = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
  expect(names.toSorted()).toEqual([...variableNames, 'MIGRATION_DATABASE_URL', 'ADMIN_DATABASE_URL'].toSorted());
});

it('nothing under src/ reads a variable of the environment by itself', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
    .map((file) => ({ file, text: readFileSync(join(root, 'src', file), 'utf8') }));
  const read = 'readConfiguration(process.env)';
  expect(sources.some(({ text }) => text.includes(read))).toBe(true);
  const others = sources.filter(({ text }) => text.replaceAll(read, '').includes('process.env'));
  expect(others.map(({ file }) => file)).toEqual([]);
});

it.each<[string, NodeJS.ProcessEnv]>([
  ['empty', {}],
  ['full of empty strings', Object.fromEntries(variableNames.map((name) => [name, '']))],
])('an environment that is %s is refused, naming every variable that has no default', (_, environment) => {
  const expected = withoutDefault.map((name) => [name, 'is not set']);
  expect(complaints(environment)).toEqual(Object.fromEntries(expected));
  expect(readConfiguration(minimal)).toMatchObject(minimal);
});

it.each(withoutDefault)('%s has no default', (name) => {
  expect(complaints({ ...minimal, [name]: undefined })).toEqual({ [name]: 'is not set' });
});

it('every wrong variable is named at once, and no value of any is printed', () => {
  const wrong = {
    NODE_ENV: 'wrong-stage',
    PORT: '65536777',
    TRUST_PROXY: '10.0.0.0/8, wrong-proxy',
    METRICS_PORT: '-777',
    LOG_LEVEL: 'wrong-loud',
    DATABASE_URL: 'mysql://wrong:wrong@host/database',
    SYSTEM_DATABASE_URL: 'wrong-url',
    DATABASE_POOLER: 'wrong-pooler',
    DATABASE_POOL_SIZE: 'wrong-many',
    DATABASE_STATEMENT_TIMEOUT_MS: '600777',
    TENANT_PROOF_KEY: 'wrong-short',
    REDIS_URL: 'http://wrong:wrong@host',
    CACHE_COMMAND_TIMEOUT_MS: '-777',
    CACHE_ENVELOPE_KEY: 'wrong-short',
    DURABLE_REDIS_URL: 'http://wrong:wrong@host',
    DURABLE_COMMAND_TIMEOUT_MS: '-777',
    JOB_SIGNING_KEY: 'wrong-short',
    JOB_LOCK_SECONDS: '-777',
    JOB_LEASE_SECONDS: '-777',
    MEMORY_SEAL_KEY: 'wrong-short',
    REALTIME_SEAL_KEY: 'wrong-short',
    REALTIME_HEARTBEAT_SECONDS: '-777',
    REALTIME_MAX_STREAMS: '-777',
    CANARY_INTERVAL_SECONDS: '-777',
    CANARY_PROBE_TIMEOUT_MS: '-777',
    CACHE_SAMPLE_ONE_IN: '-777',
    STORAGE_DIRECTORY: 'wrong-folder',
    STORAGE_S3_BUCKET: 'wrong bucket',
    STORAGE_S3_ENDPOINT: 'wrong-url',
    STORAGE_SEAL_KEY: 'wrong-short',
    ETAG_KEY: 'wrong-short',
    JWT_SECRET: 'wrong-short',
    JWT_LIFETIME_SECONDS: '777.5',
    TENANT_REQUESTS_PER_SECOND: '-777',
    LOGIN_FAILURES_PER_ADDRESS: '-777',
    VISITORS_PER_ADDRESS: '-777',
    ASSISTANT_API_KEY: 'wrong key',
    ASSISTANT_BASE_URL: 'wrong-url',
    ASSISTANT_MODEL: 'wrong model',
    ASSISTANT_TIMEOUT_MS: '-777',
  };
  expect(Object.keys(wrong)).toEqual(variableNames.filter((name) => !name.endsWith('HOST'))); // any text is a host
  expect(Object.keys(complaints(wrong)).toSorted()).toEqual(Object.keys(wrong).toSorted());
  expect(messageFor(wrong)).not.toMatch(/wrong|777/);
});

it('the right values beside a wrong one are not printed either', () => {
  const message = messageFor({ ...minimal, PORT: 'wrong' });
  expect(message).toContain('PORT');
  for (const value of Object.values(minimal)) expect(message).not.toContain(value);
});

describe('a value of the demo, which is public,', () => {
  const demo = { ...minimal, ...Object.fromEntries(secrets.map((name) => [name, `demo-only ${minimal.JWT_SECRET}`])) };

  it('is refused in production, naming every variable that has one', () => {
    const complained = complaints({ ...demo, NODE_ENV: 'production' });
    expect(Object.keys(complained).toSorted()).toEqual(secrets.toSorted());
    expect(readConfiguration({ ...minimal, NODE_ENV: 'production' })).toMatchObject(minimal);
  });

  it.each(urls)('is refused in production inside %s too', (name) => {
    const url = minimal[name as keyof typeof minimal].replace('//', '//user:demo-only@');
    expect(Object.keys(complaints({ ...minimal, NODE_ENV: 'production', [name]: url }))).toEqual([name]);
  });

  it.each(['development', 'test'])('is accepted in %s', (NODE_ENV) => {
    expect(readConfiguration({ ...demo, NODE_ENV })).toMatchObject({ ...demo, NODE_ENV });
  });
});

it('a bucket is named instead of a folder', () => {
  const environment = { ...minimal, STORAGE_DIRECTORY: undefined, STORAGE_S3_BUCKET: 'files.of-1041' };
  expect(readConfiguration(environment)).toMatchObject({ STORAGE_S3_BUCKET: 'files.of-1041' });
});
