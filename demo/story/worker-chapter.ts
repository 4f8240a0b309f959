import { Queue, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIGURATION, type Configuration } from '../../src/config/index.js';
import { isForeign, isOwn, type Verdict } from './chapters.js';
import type { Stage } from './stage.js';
import type { Answer, Visitor } from './visitor.js';

const range = { from: '2026-01-01', to: '2026-12-31' };
const pollMs = 50;

interface JobData {
  readonly envelope: string;
  readonly payload: string;
}

export async function theWorker(stage: Stage): Promise<Verdict> {
  stage.narrator.heading('4  The worker: a job runs when its request is long gone');
  const redis = new Redis(stage.app.get<Configuration>(CONFIGURATION).DURABLE_REDIS_URL);
  const queue = new Queue<JobData>('jobs', { connection: redis, prefix: 'queue' });
  try {
    const verdicts = [await theIncidentsWorker(stage), await theApplicationsWorker(stage)];
    return [...verdicts, await retargetedJob(stage, redis, queue)].every(Boolean);
  } finally {
    await queue.resume();
    await queue.close();
    redis.disconnect();
  }
}

async function theIncidentsWorker(stage: Stage): Promise<Verdict> {
  const { narrator, acme, globex } = stage;
  narrator.text(
    'The incident’s worker keeps the tenant in a field, and Acme’s nightly report is of older code that names none:',
  );
  const first = await stage.order(globex, '/incident/api/reports', {});
  const nightly = await stage.order(acme, '/incident/api/reports/nightly', {});
  const hasLeaked = first.owner === globex.tenant && isForeign(acme, nightly);
  narrator.fact(
    hasLeaked,
    'reproduced: Acme’s job ran as Globex, and row-level security was told that it was Globex’s',
  );
  return hasLeaked;
}

async function theApplicationsWorker(stage: Stage): Promise<Verdict> {
  const { narrator, acme, globex } = stage;
  narrator.text('The application’s worker takes the tenant from a signed envelope, and a fresh context for each job:');
  const answers = [await report(stage, globex), await report(stage, acme)] as const;
  const holds = isOwn(globex, answers[0]) && isOwn(acme, answers[1]);
  narrator.fact(holds, 'the same two reports: each tenant is shown its own');
  return holds;
}

async function retargetedJob(stage: Stage, redis: Redis, queue: Queue<JobData>): Promise<Verdict> {
  const { narrator, acme, globex } = stage;
  narrator.text('Somebody copies Acme’s next job inside Redis, and writes Globex into the copy:');
  await queue.pause();
  const accepted = await stage.order(acme, '/api/reports', range);
  const job = await jobOf(acme, queue);
  const copy = await queue.add(job.name, retarget(job.data, globex), { jobId: randomUUID() });
  await queue.resume();
  const answer = await finished(stage, acme, accepted);
  const reason = await deadLetter(redis, copy.id ?? '');
  const holds = reason === 'forged' && isOwn(acme, answer);
  narrator.fact(holds, `the copy is refused ("${reason}"), with a security event; Acme’s report is Acme’s`);
  return holds;
}

async function report(stage: Stage, visitor: Visitor): Promise<Answer> {
  return finished(stage, visitor, await stage.order(visitor, '/api/reports', range));
}

async function finished(stage: Stage, visitor: Visitor, { body }: Answer): Promise<Answer> {
  const { href } = JSON.parse(body) as { href: string };
  while ((await visitor.get(href)).text === 'queued') await sleep(pollMs);
  return stage.ask(visitor, href);
}

/** The visitor's job that waits in Redis. */
async function jobOf({ identity }: Visitor, queue: Queue<JobData>): Promise<Job<JobData>> {
  for (;;) {
    const jobs = await queue.getJobs(['waiting']);
    const own = jobs.find(({ data }) => claimsOf(data)['tenant'] === identity.tenantId);
    if (own) return own;
    await sleep(pollMs);
  }
}

/** The same envelope, for somebody else: the signature is all that is left as it was. */
function retarget({ envelope, payload }: JobData, { identity }: Visitor): JobData {
  const [head, , signature] = envelope.split('.');
  const claims = { ...claimsOf({ envelope }), tenant: identity.tenantId, sub: identity.userId };
  return { envelope: [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.'), payload };
}

function claimsOf({ envelope }: Pick<JobData, 'envelope'>): Record<string, unknown> {
  return JSON.parse(Buffer.from(envelope.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

async function deadLetter(redis: Redis, jobId: string): Promise<string> {
  for (;;) {
    for (const letter of await redis.lrange('queue:dead-letters', 0, -1)) {
      const { jobId: refused, reason } = JSON.parse(letter) as { jobId: string; reason: string };
      if (refused === jobId) return reason;
    }
    await sleep(pollMs);
  }
}
