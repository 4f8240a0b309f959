import { SecurityEvents } from '../../src/isolation/audit/index.js';
import { TenantDatabase } from '../../src/isolation/database/index.js';
import type { Stage } from './stage.js';
import type { Answer, Visitor } from './visitor.js';

/** Whether what happened is what the chapter is there to show. */
export type Verdict = boolean;

export const isForeign = (visitor: Visitor, { owner }: Answer) => owner !== undefined && owner !== visitor.tenant;
export const isOwn = (visitor: Visitor, { owner, status }: Answer) => status === 200 && owner === visitor.tenant;

export async function theIncident(stage: Stage): Promise<Verdict> {
  const { narrator, acme, globex } = stage;
  narrator.heading('1  The incident: the cache key is project:1041');
  narrator.text('Every query names its tenant and is correct. The key does not.');
  const path = '/incident/api/projects/1041';
  const first = await stage.ask(acme, path);
  const second = await stage.ask(globex, path);
  const hasLeaked = isOwn(acme, first) && isForeign(globex, second) && second.status === 200 && second.cache === 'HIT';
  narrator.text(
    'Globex asked for its own project 1041. No error, no slow request, the right shape: nothing to alert on.',
  );
  narrator.fact(hasLeaked, 'reproduced: Globex reads Acme’s confidential project, HTTP 200, X-Cache: HIT');
  return hasLeaked;
}

export async function theNaiveFix(stage: Stage): Promise<Verdict> {
  const { narrator, acme, globex } = stage;
  narrator.heading('2  The naive fix: put the tenant into that key');
  const path = '/incident/naive-fix/api/projects/1041';
  const fixed = [await stage.ask(acme, path), await stage.ask(globex, path)] as const;
  const isClosed = isOwn(acme, fixed[0]) && isOwn(globex, fixed[1]);
  narrator.fact(isClosed, 'this leak is closed');

  narrator.text('Next sprint, somebody caches a summary. Nothing reminds them of the tenant:');
  const first = await stage.ask(acme, `${path}/summary`);
  const second = await stage.ask(globex, `${path}/summary`);
  const hasLeaked = isOwn(acme, first) && isForeign(globex, second);
  narrator.fact(hasLeaked, 'reproduced: the same leak under another key, because a key is still any string');
  return isClosed && hasLeaked;
}

export async function theApplication(stage: Stage): Promise<Verdict> {
  stage.narrator.heading('3  The application: keys come from a registry and the context');
  const verdicts: Verdict[] = [];
  for (const scene of [
    sameRequests,
    coldMissTogether,
    copiedEntry,
    unregisteredKey,
    foreignNumber,
    forgottenWhere,
    forgedTenant,
  ]) {
    verdicts.push(await scene(stage));
  }
  return verdicts.every(Boolean);
}

const path = '/api/projects/1041';

async function sameRequests(stage: Stage): Promise<Verdict> {
  const { narrator, acme, globex } = stage;
  const turns = [acme, globex, acme, globex];
  const answers: Answer[] = [];
  for (const visitor of turns) answers.push(await stage.ask(visitor, path));
  const isRefused = turns.every((visitor, turn) => isOwn(visitor, answers[turn] as Answer));
  const isCached = answers.slice(2).every(({ cache }) => cache === 'HIT');
  narrator.fact(isRefused && isCached, 'the same requests: each tenant gets its own, also from the cache');
  return isRefused && isCached;
}

async function coldMissTogether(stage: Stage): Promise<Verdict> {
  await stage.clearCaches();
  const [acmes, globexs] = await stage.askTogether(path);
  const holds = isOwn(stage.acme, acmes) && isOwn(stage.globex, globexs);
  stage.narrator.fact(holds, 'in the same instant, nothing cached: loads that run are shared within a tenant only');
  return holds;
}

async function copiedEntry(stage: Stage): Promise<Verdict> {
  const { acme, globex, redis, narrator } = stage;
  const keyOf = ({ identity }: Visitor) => `v1:{${identity.tenantId}}:entry:project:1:1041`;
  await redis.copy(keyOf(acme), keyOf(globex), 'REPLACE');
  narrator.text('Somebody copies Acme’s entry onto Globex’s key, inside Redis:');
  const answer = await stage.ask(globex, path);
  const alarms = stage.app.get(SecurityEvents).count('cache', 'misplaced envelope');
  const holds = isOwn(globex, answer) && answer.cache === 'MISS' && alarms > 0;
  narrator.fact(holds, `the entry says whose it is: refused, loaded afresh, ${String(alarms)} security event raised`);
  return holds;
}

async function unregisteredKey(stage: Stage): Promise<Verdict> {
  stage.narrator.text('Next sprint, somebody caches a summary here, too:');
  const answer = await stage.ask(stage.acme, '/next-sprint/api/projects/1041/summary');
  const holds = answer.status === 500;
  stage.narrator.fact(holds, 'a key that is not in the registry raises, before any customer sees it');
  return holds;
}

async function foreignNumber(stage: Stage): Promise<Verdict> {
  const foreign = await stage.ask(stage.globex, '/api/projects/1042');
  const missing = await stage.ask(stage.globex, '/api/projects/999999');
  const holds = foreign.status === 404 && foreign.body === missing.body;
  stage.narrator.fact(holds, 'a number that only Acme has, and one that nobody has: the same answer, byte for byte');
  return holds;
}

async function forgottenWhere(stage: Stage): Promise<Verdict> {
  const database = stage.app.get(TenantDatabase);
  const rows = await stage.as(stage.globex, () => database.project.findMany({ select: { name: true } }));
  const own = new Set(Object.values(stage.globex.tenant.projects).map(({ name }) => name));
  const holds = rows.length === own.size && rows.every(({ name }) => own.has(name));
  stage.narrator.fact(
    holds,
    `a query that forgets its WHERE: ${String(rows.length)} rows, all of the tenant that asked`,
  );
  return holds;
}

async function forgedTenant(stage: Stage): Promise<Verdict> {
  const database = stage.app.get(TenantDatabase);
  const victim = stage.acme.identity.tenantId;
  const outcome = await stage
    .as(
      stage.globex,
      async () =>
        database.$queryRaw`
        WITH forged AS MATERIALIZED (SELECT set_config('app.tenant_id', ${victim}, true))
        SELECT name FROM forged, LATERAL (SELECT name FROM projects WHERE forged.set_config <> '') AS project`,
    )
    .then(String, String);
  const holds = outcome.includes('no proven tenant');
  stage.narrator.fact(holds, 'SQL that sets app.tenant_id to Acme by itself: refused, the proof does not match');
  return holds;
}
