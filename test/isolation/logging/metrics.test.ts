import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/services/local-directory.js';
import { violations } from '../../../src/isolation/audit/index.js';
import { cacheEntries } from '../../../src/isolation/cache/index.js';
import { jobs } from '../../../src/isolation/queue/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { ProbeModule } from './probe.module.js';
import { recordsOf } from './records.js';

const environment = { LOG_LEVEL: process.env['LOG_LEVEL'], METRICS_PORT: process.env['METRICS_PORT'] };
let testApp: TestApp;
let world: World;
let metricsUrl: string;
beforeAll(async () => {
  Object.assign(process.env, { LOG_LEVEL: 'log', METRICS_PORT: '0' });
  testApp = await startTestApp(ProbeModule);
  world = await createWorld(testApp);
  metricsUrl = String(recordsOf(testApp.log).find(({ context }) => context === 'MetricsServer')?.['url']);
});
afterAll(async () => {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  await testApp.close();
});

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
async function samples(): Promise<Sample[]> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', inner = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
      return { name, labels: Object.fromEntries(labels) as Record<string, string>, value: Number(value) };
    });
}
const valueOf = async (name: string, labels: Sample['labels']) =>
  (await samples()).find(
    (each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
  )?.value ?? 0;

it('after traffic of two tenants, no label names a tenant, a user, a session, an address, a key or a path', async () => {
  const canary = `canary-${randomUUID()}`;
  for (const { admin, viewer, marker } of [world.acme, world.globex]) {
    await Promise.all([
      admin.get('/api/projects/1'),
      admin.get('/api/me'),
      admin.get(`/api/projects/${canary}`),
      admin.get(`/${canary}/${marker}`),
      admin.send('PROPFIND', `/${canary}`),
      admin.post('/probe/fail', { text: canary, kind: 'sql' }),
      viewer.delete('/api/projects/1'),
      world.anonymous.post('/api/auth/login', { email: admin.email, password: canary }),
    ]);
  }
  const found = await samples();
  const { identity, email, token = '' } = world.acme.admin;
  const secrets = [
    canary,
    token,
    email,
    world.acme.marker,
    world.globex.marker,
    world.globex.id,
    ...Object.values(identity),
  ];
  const text = JSON.stringify(found.map(({ name, labels }) => [name, labels]));
  for (const secret of secrets.filter((each) => each !== identity.role)) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  expect(found.length).toBeGreaterThan(50);
});

it('each label of ours has a value out of a registry', async () => {
  const found = await samples();
  const kinds: string[] = Object.values(violations).flat();
  const routes = /^(\(none\)|(\/(:?[\w-]+))+|\/|\*)$/;
  const allowed: Record<string, (value: string) => boolean> = {
    method: (value) => /^[A-Z]+$/.test(value),
    route: (value) => routes.test(value) && !/\d/.test(value),
    status: (value) => /^[1-5]xx$/.test(value),
    layer: (value) => value in violations,
    kind: (value) => kinds.includes(value),
    entry: (value) => Object.values(cacheEntries).some(({ name }) => name === value),
    job: (value) => value === 'unregistered' || Object.values(jobs).some(({ name }) => name === value),
    outcome: (value) => /^[a-z]+$/.test(value),
    le: (value) => value === '+Inf' || Number(value) > 0,
  };
  const ours = found.filter(({ name }) => /^(isolation|log|http|job|cache|database|canary)_/.test(name));
  expect(new Set(ours.map(({ name }) => name)).size).toBeGreaterThan(5);
  const wrong = ours.flatMap(({ name, labels }) =>
    Object.entries(labels)
      .filter(([label, value]) => !allowed[label]?.(value))
      .map((label) => [name, ...label]),
  );
  expect(wrong).toEqual([]);
});

it('isolation_violations_total counts a crossing that was refused, and no request that went well', async () => {
  const labels = { layer: 'cache', kind: 'forged envelope' };
  const { admin } = world.acme;
  await admin.get('/api/projects/2');
  const before = await valueOf('isolation_violations_total', labels);
  expect((await admin.get('/api/projects/2')).headers.get('x-cache')).toBe('HIT');
  expect(await valueOf('isolation_violations_total', labels)).toBe(before);
  const redis = new Redis(process.env['REDIS_URL'] ?? '');
  await redis.set(`v1:{${admin.identity.tenantId}}:entry:project:1:2`, '"vforged.envelope"');
  redis.disconnect();
  expect((await admin.get('/api/projects/2')).headers.get('x-cache')).toBe('MISS');
  expect(await valueOf('isolation_violations_total', labels)).toBe(before + 1);
});

it('requests are counted by route and class of status; reads of the cache by entry', async () => {
  const { admin } = world.globex;
  const request = { method: 'GET', route: '/api/projects/:number', status: '2xx' };
  const read = { entry: 'project', outcome: 'hit' };
  await admin.get('/api/projects/3');
  const count = () => valueOf('http_request_duration_seconds_count', request);
  const before = [await count(), await valueOf('cache_reads_total', read)] as const;
  await admin.get('/api/projects/3');
  while ((await count()) < before[0] + 1); // counted when the answer is out
  expect(await count()).toBe(before[0] + 1);
  expect(await valueOf('cache_reads_total', read)).toBe(before[1] + 1);
  expect(await valueOf('database_pool_waiting', {})).toBe(0);
});

it('its port serves GET /metrics and nothing else; the application’s port does not serve it', async () => {
  expect((await fetch(`${metricsUrl}/metrics`)).status).toBe(200);
  for (const path of ['/', '/metrics/', '/api/projects', '/health/live'])
    expect((await fetch(metricsUrl + path)).status).toBe(404);
  expect((await fetch(`${metricsUrl}/metrics`, { method: 'POST' })).status).toBe(404);
  const [unknown, metrics] = [await world.anonymous.get('/unknown'), await world.anonymous.get('/metrics')];
  expect([metrics.status, metrics.text]).toEqual([404, unknown.text]);
});

it('docker compose publishes the demo’s port, on loopback, and no other: metrics are for its own network', () => {
  const compose = readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8');
  expect(compose).toContain("METRICS_PORT: '9464'");
  expect(compose.match(/^ +ports:$/gm)).toHaveLength(1);
  expect([...compose.matchAll(/^ +- ([\d.:]+)/gm)].map(([, published]) => published)).toEqual(['127.0.0.1:3000:3000']);
});

it('without METRICS_PORT nothing listens; it ends with the application', async () => {
  process.env['METRICS_PORT'] = '';
  const silent = await startTestApp();
  expect(recordsOf(silent.log).filter(({ context }) => context === 'MetricsServer')).toEqual([]);
  await silent.close();
  process.env['METRICS_PORT'] = '0';
  const other = await startTestApp();
  const url = String(recordsOf(other.log).find(({ context }) => context === 'MetricsServer')?.['url']);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  await other.close();
  await expect(fetch(`${url}/metrics`)).rejects.toThrow('fetch failed');
});
