import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { JwtService, type JwtSignOptions } from '@nestjs/jwt';
import { Queue, type JobsOptions } from 'bullmq';
import { variable } from '../../support/postgres.js';
import type { TenantOfWorld } from '../../support/world.js';
import { setStage, until, type QueueStage } from './stage.js';
import type { WorkerProcess } from './worker-process.js';

// By somebody who can write into Redis, and knows how the application's jobs look.
let stage: QueueStage;
let worker: WorkerProcess;
let queue: Queue;
beforeAll(async () => {
  stage = await setStage();
  worker = await stage.startWorker();
  queue = new Queue('jobs', { connection: stage.redis, prefix: 'queue' });
}, 120_000);
afterAll(async () => {
  await queue.close();
  await stage.close();
});

/** An accepted job that no worker has seen, and the report it is for: what a genuine envelope says. */
async function acceptedJob({ admin }: TenantOfWorld) {
  await stage.query('ALTER TABLE outbox DISABLE TRIGGER announce_jobs');
  const { number } = (await admin.post('/api/reports', { from: '2026-01-01', to: '2026-01-31' })).json as {
    number: number;
  };
  // Not due for a while: the dispatcher leaves it to us.
  const [row] = await stage.query<{ id: string }>(
    `UPDATE outbox SET run_at = now() + interval '1 hour'
      WHERE tenant_id = $1 AND payload = $2 RETURNING id`,
    [admin.identity.tenantId, { report: number }],
  );
  await stage.query('ALTER TABLE outbox ENABLE TRIGGER announce_jobs');
  return { number, row: row?.id ?? '' };
}

interface Claims {
  jti: string;
  sub: string;
  tenant: string;
  session: string;
  queue: string;
  job: string;
  row: string;
  run: number;
  payload: string;
}
const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

/** What the dispatcher would have sent. */
async function genuine(tenant: TenantOfWorld) {
  const { number, row } = await acceptedJob(tenant);
  const { userId, sessionId, tenantId } = tenant.admin.identity;
  const payload = JSON.stringify({ report: number });
  const claims: Claims = {
    jti: hash([tenantId, row, '1'].join('|')),
    sub: userId,
    tenant: tenantId,
    session: sessionId,
    queue: 'jobs',
    job: 'build-report',
    row,
    run: 1,
    payload: hash(payload),
  };
  return { number, claims, payload };
}

const signed = (claims: object, { key, ...options }: { key?: string } & JwtSignOptions = {}) =>
  new JwtService({ secret: key ?? variable('JOB_SIGNING_KEY') }).sign(
    { exp: Math.ceil(Date.now() / 1000) + 60, ...claims },
    { algorithm: 'HS256', issuer: 'project-1041/dispatcher', audience: 'project-1041/worker', ...options },
  );

async function send(jobId: string, data: unknown, options: JobsOptions = {}): Promise<void> {
  await queue.add('build-report', data, { jobId, attempts: 5, ...options });
}

const statusOf = async (tenant: TenantOfWorld, number: number) =>
  (await tenant.admin.get(`/api/reports/${String(number)}`)).json.status as string;

/** Why the worker has refused a job; undefined when it has not. */
const reasonOf = async (jobId: string) => (await stage.deadLetters()).find((letter) => letter.jobId === jobId)?.reason;

/** The same, of a job that can be read, when the worker is done with it. */
async function refusal(jobId: string): Promise<string | undefined> {
  await until(async () => (await stage.redis.exists(`queue:jobs:${jobId}`)) === 0);
  expect(worker.isRunning()).toBe(true);
  return reasonOf(jobId);
}

/** What the worker prints takes a moment to get here. */
async function expectToBeLogged(text: string, from: number): Promise<void> {
  for (let turn = 0; turn < 100 && !worker.log().includes(text, from); turn++) await sleep(100);
  expect(worker.log().slice(from)).toContain(text);
}

it('the control: what the dispatcher would have sent is run, once', async () => {
  const { number, claims, payload } = await genuine(stage.world.acme);
  await send(claims.jti, { envelope: signed(claims), payload });
  await until(async () => (await statusOf(stage.world.acme, number)) === 'done');
  expect(await reasonOf(claims.jti)).toBeUndefined();
});

type Genuine = Awaited<ReturnType<typeof genuine>>;
const decoded = (token: string) => token.split('.');

describe.each<[string, string, (job: Genuine) => { jobId?: string; envelope: string; payload?: string }]>([
  ['re-signed with another key', 'forged', ({ claims }) => ({ envelope: signed(claims, { key: 'x'.repeat(40) }) })],
  [
    're-targeted to Globex, the signature kept',
    'forged',
    ({ claims }) => {
      const [head, , signature] = decoded(signed(claims));
      const body = Buffer.from(JSON.stringify({ ...claims, tenant: stage.world.globex.id })).toString('base64url');
      return { envelope: [head, body, signature].join('.') };
    },
  ],
  [
    'unsigned ("alg": "none")',
    'forged',
    ({ claims }) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return { envelope: `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.` };
    },
  ],
  [
    'signed as an access token is',
    'forged',
    ({ claims }) => ({ envelope: signed(claims, { key: variable('JWT_SECRET') }) }),
  ],
  [
    'signed for another audience',
    'forged',
    ({ claims }) => ({ envelope: signed(claims, { audience: 'project-1041/api' }) }),
  ],
  ['signed by another issuer', 'forged', ({ claims }) => ({ envelope: signed(claims, { issuer: 'project-1041' }) })],
  [
    'signed without saying for whom',
    'forged',
    ({ claims }) => ({ envelope: signed({ ...claims, tenant: undefined }) }),
  ],
  ['sent under another id', 'misplaced', ({ claims }) => ({ jobId: `copy-${claims.row}`, envelope: signed(claims) })],
  ['meant for another queue', 'misplaced', ({ claims }) => ({ envelope: signed({ ...claims, queue: 'other' }) })],
  ['given another payload', 'altered', ({ claims }) => ({ envelope: signed(claims), payload: '{"report":1}' })],
  ['expired', 'expired', ({ claims }) => ({ envelope: signed({ ...claims, exp: 1_000_000_000 }) })],
])('an accepted job of Acme, %s,', (_, reason, tamper) => {
  it(`is refused as ${reason}, raises an event where it crosses, and changes nothing`, async () => {
    const job = await genuine(stage.world.acme);
    const { jobId = job.claims.jti, envelope, payload = job.payload } = tamper(job);
    const before = await stage.effects();
    const logged = worker.log().length;
    await send(jobId, { envelope, payload });
    expect(await refusal(jobId)).toBe(reason);
    expect(await stage.effects()).toEqual(before);
    expect(await statusOf(stage.world.acme, job.number)).toBe('queued');
    await expectToBeLogged('The job is refused', logged);
    if (reason === 'expired') expect(worker.log().slice(logged)).not.toContain('SecurityEvent');
    else await expectToBeLogged(`"kind":"${reason} job"`, logged);
    await until(async () => (await queue.getJob(jobId)) === undefined); // finished: not kept, not tried again
  });
});

describe.each<[string, unknown]>([
  ['is empty', {}],
  ['is null', null],
  ['is a list', [1]],
  ['has an envelope that is no text', { envelope: { tenant: 'acme' }, payload: '{}' }],
  ['has its payload unwrapped, and a tenant beside it', { report: 1, tenantId: 'acme' }],
])('a job that %s', (_, data) => {
  it('is refused as malformed', async () => {
    const jobId = `malformed-${randomUUID()}`;
    await send(jobId, data);
    expect(await refusal(jobId)).toBe('malformed');
  });
});

describe.each([
  ['data', '{not json'],
  ['opts', 'neither'],
  ['opts', '{"attempts":1e9,"repeat":{"every":1}}'],
  ['rjk', 'a:key:of:a:repeated:job'],
  ['rjk', 'scheduler'],
  ['parent', '{'],
  ['atm', 'many'],
])('a job whose field %s was overwritten with %s inside Redis', (field, value) => {
  it('is refused as malformed, and the worker works on', async () => {
    const jobId = `unreadable-${randomUUID()}`;
    await queue.add('build-report', {}, { jobId, delay: 3_600_000 });
    await stage.redis.hset(`queue:jobs:${jobId}`, field, value);
    await queue.promoteJobs();
    await until(async () => (await reasonOf(jobId)) === 'malformed');
    await expectToWork();
  });
});

it('the id of a job that is not there leaves the worker at work', async () => {
  await stage.redis.lpush('queue:jobs:wait', 'a job that is not there');
  await expectToWork();
});

async function expectToWork(): Promise<void> {
  const { number, claims, payload } = await genuine(stage.world.globex);
  await send(claims.jti, { envelope: signed(claims), payload });
  await until(async () => (await statusOf(stage.world.globex, number)) === 'done');
  expect(worker.isRunning()).toBe(true);
}

it('a job that has been done is refused when it is replayed, and its effect stays one', async () => {
  const { number, claims, payload } = await genuine(stage.world.acme);
  const data = { envelope: signed(claims), payload };
  await send(claims.jti, data);
  await until(async () => (await statusOf(stage.world.acme, number)) === 'done');
  const before = await stage.effects();
  await until(async () => (await queue.getJob(claims.jti)) === undefined);
  await send(claims.jti, data);
  expect(await refusal(claims.jti)).toBe('already-done');
  expect(await stage.effects()).toEqual(before);
});

it('an envelope that was never for an accepted job is refused, even with the right signature', async () => {
  const job = await genuine(stage.world.acme);
  const row = randomUUID();
  const claims = { ...job.claims, row, jti: hash([job.claims.tenant, row, '1'].join('|')) };
  await send(claims.jti, { envelope: signed(claims), payload: job.payload });
  expect(await refusal(claims.jti)).toBe('already-done');
  expect(await statusOf(stage.world.acme, job.number)).toBe('queued');
});

it.each<[string, string, Partial<Claims>, string | undefined]>([
  ['whose payload is not what the job takes', 'wrong-payload', {}, '{"report":"all"}'],
  ['that there is not any more', 'unregistered', { job: 'of-last-year' }, undefined],
])('an accepted job %s is refused as %s, and not tried again', async (_, reason, changes, otherPayload) => {
  const { claims, payload: ownPayload } = await genuine(stage.world.acme);
  const payload = otherPayload ?? ownPayload;
  await send(claims.jti, { envelope: signed({ ...claims, ...changes, payload: hash(payload) }), payload });
  expect(await refusal(claims.jti)).toBe(reason);
  expect(await stage.query('SELECT failure FROM outbox WHERE id = $1', [claims.row])).toEqual([{ failure: reason }]);
});

describe('a job whose member or tenant has changed since', () => {
  it.each([
    ['is removed', 'inactive', `UPDATE memberships SET status = 'removed' WHERE user_id = $1`],
    ['is only a viewer now', 'forbidden', `UPDATE memberships SET role = 'viewer' WHERE user_id = $1`],
    [
      'has their tenant suspended',
      'inactive',
      `UPDATE tenants SET status = 'suspended' WHERE id = (SELECT tenant_id FROM memberships WHERE user_id = $1)`,
    ],
  ])(
    'when the member %s it is refused as %s, its report fails, and another tenant’s goes on',
    async (_, reason, change) => {
      const { acme, globex } = stage.world;
      const victim = { ...acme, admin: acme.member };
      const [refused, control] = [await genuine(victim), await genuine(globex)];
      await stage.query(change, [acme.member.identity.userId]);
      for (const { claims, payload } of [refused, control])
        await send(claims.jti, { envelope: signed(claims), payload });
      expect(await refusal(refused.claims.jti)).toBe(reason);
      await until(async () => (await statusOf(globex, control.number)) === 'done');
      const [row] = await stage.query(
        'SELECT failure, reports.status FROM outbox JOIN reports USING (tenant_id) WHERE outbox.id = $1 AND number = $2',
        [refused.claims.row, refused.number],
      );
      expect(row).toEqual({ failure: reason, status: 'failed' });
      await stage.query(`UPDATE memberships SET status = 'active', role = 'member' WHERE user_id = $1`, [
        acme.member.identity.userId,
      ]);
      await stage.query(`UPDATE tenants SET status = 'active' WHERE id = $1`, [acme.id]);
    },
  );
});

it('the dead letters say why, and nothing of what was in the job; there are never more than a thousand', async () => {
  const secret = randomUUID();
  await stage.redis.lpush('queue:dead-letters', ...Array.from({ length: 1500 }, () => '{}'));
  await send(`secret-${secret}`.slice(0, 6), { secret });
  await refusal('secret');
  const letters = await stage.redis.lrange('queue:dead-letters', 0, -1);
  expect(letters).toHaveLength(1000);
  expect(letters.join()).not.toContain(secret);
  expect(worker.log()).not.toContain(secret);
});

it('an accepted job that asks for what the policies refuse rings, and its report fails', async () => {
  const { acme } = stage.world;
  await stage.query(
    "CREATE POLICY never_done ON reports AS RESTRICTIVE FOR UPDATE TO app USING (true) WITH CHECK (status <> 'done')",
  );
  const logged = worker.log().length;
  const { number, claims, payload } = await genuine(acme);
  await send(claims.jti, { envelope: signed(claims), payload }, { backoff: 10 });
  await until(async () => (await statusOf(acme, number)) === 'failed');
  await stage.query('DROP POLICY never_done ON reports');
  await expectToBeLogged('"kind":"refused by policy"', logged);
});
