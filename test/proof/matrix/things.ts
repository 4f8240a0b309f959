import { randomUUID } from 'node:crypto';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import type { Answer, Client } from '../../support/client.js';
import { picture, upload } from '../../support/files.js';
import type { TestApp } from '../../support/test-app.js';
import type { TenantOfWorld } from '../../support/world.js';
import type { Caller } from './callers.js';

/** What a path or a body can name, as it stands there. */
export interface Things {
  readonly project: string;
  readonly task: string;
  readonly file: string;
  readonly report: string;
  readonly member: string;
  readonly slug: string;
  /** Of the caller's, beside the one in which they ask. */
  readonly session: string;
  readonly thread: string;
}

const none = '2147483647';

/** What no tenant has. */
export const absentThings = (): Things => ({
  project: none,
  task: none,
  file: none,
  report: none,
  member: randomUUID(),
  slug: `absent-${randomUUID()}`,
  session: randomUUID(),
  thread: randomUUID(),
});

const today = new Date().toISOString().slice(0, 10);
const numberOf = (answer: Answer): string => {
  if (answer.status >= 300) throw new Error(`A thing could not be made: ${String(answer.status)} ${answer.text}`);
  return String((answer.json as { number: number }).number);
};

/**
 * Makes one of each for the caller, all of whose texts say `text`; their numbers are the first after `after`, so
 * that two tenants can be given the same ones, or different ones.
 */
export async function makeThings(
  testApp: TestApp,
  tenant: TenantOfWorld,
  caller: Caller,
  after: number,
  text: string,
  isAbout: (path: string) => boolean,
): Promise<Things> {
  const { client } = caller;
  await caller.run(() => testApp.get(TenantDatabase).counter.updateMany({ data: { value: after } }));
  const project = numberOf(await client.post('/api/projects', { name: text, description: text }));
  const task = numberOf(await client.post(`/api/projects/${project}/tasks`, { title: text }));
  const file = numberOf(await upload(client, picture(text), { project: Number(project), name: text }));
  const report = numberOf(await client.post('/api/reports', { from: today, to: today }));
  const session = (await caller.again()).identity.sessionId;
  const thread = isAbout('/api/assistant') ? await makeThread(client, text) : randomUUID();
  if (isAbout('/api/scratchpad')) await client.send('PUT', '/api/scratchpad', { text });
  return { project, task, file, report, member: tenant.member.identity.userId, slug: tenant.slug, session, thread };
}

/** Only where a route is about them: a user can have so many, and no more. */
async function makeThread(client: Client, text: string): Promise<string> {
  const thread = String((await client.post('/api/assistant/threads', undefined)).json.id);
  const { status } = await client.post(`/api/assistant/threads/${thread}/messages`, { text });
  if (status !== 201) throw new Error(`A conversation could not be begun: ${String(status)}.`);
  return thread;
}

const placeholder = /\{(\w+)\}/g;

/** What a path names, in order. */
export function namedIn(path: string): readonly (keyof Things)[] {
  return [...path.matchAll(placeholder)].map(([, name]) => name as keyof Things);
}

export function fill(path: string, things: Things): string {
  return path.replaceAll(placeholder, (_, name: keyof Things) => things[name]);
}
