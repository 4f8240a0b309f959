import { execFileSync } from 'node:child_process';
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provision } from '../../../scripts/database/provision.js';
import { startPostgres, type Postgres } from '../../../scripts/services/embedded-postgres.js';
import { readConfiguration } from '../../../src/config/index.js';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { DatabaseClients } from '../../../src/isolation/database/clients.js';
import { databaseProblem, SystemContext, TenantDatabase } from '../../../src/isolation/database/index.js';
import { withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

// A PostgreSQL of its own, because this suite takes it away.
const directory = mkdtempSync(join(tmpdir(), 'project-1041-outage-'));
const before = { ...process.env };
let postgres: Postgres;
let testApp: TestApp;
let world: World;
const url = (role: string) => `postgresql://${role}:outage@127.0.0.1:${String(postgres.port)}/outage`;
beforeAll(async () => {
  chmodSync(directory, 0o755);
  postgres = await startPostgres(directory, 'outage', false);
  const urls = {
    ADMIN_DATABASE_URL: url('postgres'),
    MIGRATION_DATABASE_URL: url('migrator'),
    DATABASE_URL: url('app'),
    SYSTEM_DATABASE_URL: url('system'),
  };
  await provision(urls);
  Object.assign(process.env, urls, { DATABASE_POOL_SIZE: '2', DATABASE_STATEMENT_TIMEOUT_MS: '1000' });
  // As a process of its own: the schema engine leaves a timer behind that would keep jest waiting.
  execFileSync(
    process.execPath,
    ['--import', '@swc-node/register/esm-register', 'scripts/database/cli.ts', 'migrate'],
    {
      env: process.env,
    },
  );
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(async () => {
  Object.assign(process.env, before);
  delete process.env['DATABASE_POOL_SIZE'];
  delete process.env['DATABASE_STATEMENT_TIMEOUT_MS'];
  await testApp.close();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

const list = () => Promise.all([world.acme, world.globex].map(({ admin }) => admin.get('/api/projects')));

async function expectOwn() {
  const texts = (await list()).map(({ text }) => text);
  expect(texts.map((text) => [text.includes(world.acme.marker), text.includes(world.globex.marker)])).toEqual([
    [true, false],
    [false, true],
  ]);
}

it('when the server ends connections, requests are served their own or told 503, and then their own again', async () => {
  await expectOwn();
  for (let round = 0; round < 5; round++) {
    const running = Promise.all(Array.from({ length: 10 }, list));
    await withPostgres(url('postgres'), (client) =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"),
    );
    for (const [acmes, globexs] of await running) {
      for (const [answer, { marker }] of [
        [acmes, world.acme],
        [globexs, world.globex],
      ] as const) {
        if (answer?.status === 200) expect(answer.text).toContain(marker);
        else expect(answer?.json).toMatchObject({ status: 503, code: 'unavailable' });
      }
    }
    while ((await list()).some(({ status }) => status !== 200)); // until the pool has noticed
    await expectOwn();
  }
});

it('a request that gets no connection in time, and one that takes too long, are told so with a 503', async () => {
  const database = testApp.get(TenantDatabase);
  const translate = databaseProblem(testApp.get(SecurityEvents));
  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => 'ok',
      (error: unknown) => translate(error)?.code,
    );
  const sleep = (seconds: number) =>
    world.acme.admin.run(() => database.$executeRaw`SELECT pg_sleep(${seconds}::float8)`);

  expect(await outcome(sleep(0.01))).toBe('ok');
  expect(await outcome(sleep(10))).toBe('unavailable');

  const holding = [1, 2].map(() => sleep(0.8).then(() => sleep(0.8)));
  const waiting = Array.from({ length: 10 }, () => outcome(sleep(0.8)));
  expect(new Set(await Promise.all(waiting))).toContain('unavailable');
  await Promise.allSettled(holding);
  await expectOwn();
});

it('a transaction waits for a connection as long as a query does, and not only Prisma’s own two seconds', async () => {
  const configuration = {
    ...readConfiguration(process.env),
    DATABASE_POOL_SIZE: 1,
    DATABASE_STATEMENT_TIMEOUT_MS: 9000,
  };
  const context = testApp.get(TenantContext);
  const clients = new DatabaseClients(configuration, context);
  const system = new SystemContext(clients.system, context);
  const holding = system.run('keep canaries', (database) => database.$executeRaw`SELECT pg_sleep(2.5)`);
  const waiting = system.run('keep canaries', (database) => database.tenant.count());
  const outcomes = await Promise.allSettled([holding, waiting]);
  await clients.close();
  expect(outcomes).toEqual([1, 2].map(() => ({ status: 'fulfilled', value: expect.any(Number) as unknown })));
});

it('without PostgreSQL every request says 503, readiness too, and liveness does not', async () => {
  await postgres.stop();
  const raw = await world.acme.admin.get('/api/search?q=project'); // which Prisma has other errors for
  for (const answer of [...(await list()), raw]) {
    expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
    expect(answer.text).not.toContain('outage'); // no host, user or database name
  }
  const login = await world.anonymous.post('/api/auth/login', { email: 'a@b.example', password: 'x' });
  expect([login.status, login.json.code]).toEqual([503, 'unavailable']);
  expect((await world.anonymous.get('/health/ready')).status).toBe(503);
  expect((await world.anonymous.get('/health/live')).status).toBe(200);
});
