import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { Canary } from '../../../src/isolation/canary/index.js';
import type { Answer } from '../../support/client.js';
import { keysOf } from '../../support/redis.js';
import type { TestApp } from '../../support/test-app.js';
import { fill, type Things } from '../matrix/things.js';
import { owners } from '../owners.js';
import { cacheExpires, canaryLooks, workerComes, type Step } from './script.js';
import { Actor, plantTenant } from './tenants.js';
import { ToldEvents } from './told-events.js';
import { laterMoment, normalise, type Moment } from './transcript.js';
import type { Worker } from './worker.js';

export interface Deployment {
  readonly testApp: TestApp;
  readonly database: pg.Client;
  readonly cache: Redis;
  readonly worker: Worker;
}

/** What stands between a tenant and the application: nothing, or a leak that a test has put there. */
export type Between = (step: Step, path: string, ask: () => Promise<Answer>) => Promise<Answer>;
export const nothing: Between = (_, __, ask) => ask();

/** Runs the script in a world of its own, two new tenants, and returns what A was told. */
export async function transcriptOfA(
  deployment: Deployment,
  steps: readonly Step[],
  between: Between = nothing,
): Promise<string[]> {
  const { testApp, database, cache, worker } = deployment;
  const somebody = { A: await plantTenant(database), B: await plantTenant(database) };
  const actors = { A: await Actor.enter(testApp, somebody.A), B: await Actor.enter(testApp, somebody.B) };
  const events = await ToldEvents.listen(testApp, somebody.A);
  let isCanaryDue = false;
  const told: string[] = [];
  const moments: Moment[] = [{ from: 0, label: 'before' }];
  for (const step of steps) {
    moments.push({ from: await laterMoment(), label: step.who === 'A' ? `step ${String(told.length)}` : 'B' });
    const answer = await act(step, actors[step.who], actors.A);
    if (step.who === 'A') told.push(tell(step, answer, await events.take()));
  }
  told.push(...(await events.take()));
  events.leave();
  return normalise(told, moments);

  async function act(step: Step, actor: Actor, victim: Actor): Promise<Answer | undefined> {
    if (step.does === cacheExpires) await expire(cache, actor.caller.identity.tenantId);
    else if (step.does === canaryLooks) isCanaryDue = true;
    else if (step.does === workerComes) await worker.comes(isCanaryDue ? () => look(testApp) : undefined);
    else return ask(step, actor, victim);
    if (step.does === workerComes) isCanaryDue = false;
    return undefined;
  }

  async function ask(step: Step, actor: Actor, victim: Actor): Promise<Answer> {
    const owner = owners[step.does];
    if (!owner) throw new Error(`No owner of ${step.does}.`);
    const things = thingsOf(step, step.isForeign ? victim : actor);
    const path = fill(owner.path, things);
    const body = vary(await owner.body?.(things, actor.caller), step);
    const method = step.does.split(' ')[0] ?? '';
    const answer = await between(step, `${method} ${path}`, () => actor.caller.client.send(method, path, body));
    if (step.does === 'POST /api/assistant/threads' && answer.status === 201) actor.thread = String(answer.json.id);
    // What ended the session has been told; whoever acts goes on in a new one.
    if (answer.status === 401 || /auth\/(logout|switch)/.test(step.does)) await actor.enterAgain();
    return answer;
  }
}

async function expire(cache: Redis, tenantId: string): Promise<void> {
  const keys = await keysOf(cache, tenantId);
  if (keys.length > 0) await cache.del(...keys);
}

async function look({ get }: TestApp): Promise<void> {
  const findings = await get(Canary).run();
  if (findings.some(({ outcome }) => outcome !== 'ok')) throw new Error(JSON.stringify(findings));
}

function thingsOf({ number }: Step, { caller, thread }: Actor): Things {
  const counted = String(number);
  return {
    project: counted,
    task: counted,
    file: counted,
    report: counted,
    member: caller.identity.userId,
    slug: caller.identity.tenantId,
    session: number === 1 ? caller.identity.sessionId : randomUUID(),
    thread,
  };
}

/** The texts of A and B differ, so that one is not taken for the other's. */
function vary(body: object | undefined, { who, number }: Step): object | undefined {
  if (body === undefined || body instanceof FormData) return body;
  const entries = Object.entries(body).map(([name, value]) =>
    ['name', 'title', 'text'].includes(name)
      ? [name, `${String(value)} ${who}${String(number)}`]
      : [name, value as unknown],
  );
  return Object.fromEntries(entries) as object;
}

function tell({ does, number }: Step, answer: Answer | undefined, events: readonly string[]): string {
  if (!answer) return [does, ...events].join('\n');
  const headers = [...answer.headers].filter(([name]) => name !== 'date').map(([name, value]) => `${name}: ${value}`);
  return [`${does} #${String(number)}`, String(answer.status), ...headers, answer.text, ...events].join('\n');
}
