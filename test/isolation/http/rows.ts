import { randomUUID } from 'node:crypto';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import type { Answer } from '../../support/client.js';
import type { TestApp } from '../../support/test-app.js';
import type { TenantOfWorld } from '../../support/world.js';
import { addMember } from './people.js';

/** Rows that one test may change. */
export interface Rows {
  readonly project: number;
  /** In that project. */
  readonly task: number;
  /** In project 1, which both tenants have. */
  readonly taskOfFirst: number;
  readonly member: string;
}

/** What no tenant has. */
export const absentRows: Rows = {
  project: 2_147_483_647,
  task: 2_147_483_647,
  taskOfFirst: 2_147_483_647,
  member: randomUUID(),
};

let lastNumber = 1000;

/** Creates rows in each of the tenants, under numbers that are the same in these and free in the others. */
export async function createRows(testApp: TestApp, ...tenants: readonly TenantOfWorld[]): Promise<readonly Rows[]> {
  lastNumber += 10;
  return Promise.all(tenants.map((tenant) => createRowsOf(testApp, tenant, lastNumber)));
}

async function createRowsOf(testApp: TestApp, tenant: TenantOfWorld, after: number): Promise<Rows> {
  const { admin, marker } = tenant;
  await admin.run(() => testApp.get(TenantDatabase).counter.updateMany({ data: { value: after } }));
  const numberOf = ({ json }: Answer) => (json as { number: number }).number;
  const project = numberOf(await admin.post('/api/projects', { name: marker, description: marker }));
  const task = numberOf(await admin.post(`/api/projects/${String(project)}/tasks`, { title: marker }));
  const taskOfFirst = numberOf(await admin.post('/api/projects/1/tasks', { title: marker }));
  const { userId } = await addMember(testApp, tenant, 'member');
  return { project, task, taskOfFirst, member: userId };
}

/** Puts rows into a path: "/api/projects/{project}". */
export function fill(path: string, rows: Rows): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: keyof Rows) => String(rows[name]));
}

/** Everything the tenant owns, as the database has it. */
export function contentsOf({ get }: TestApp, { admin }: TenantOfWorld): Promise<unknown> {
  const database = get(TenantDatabase);
  return admin.run(async () => ({
    projects: await database.project.findMany({ orderBy: { number: 'asc' } }),
    tasks: await database.task.findMany({ orderBy: { number: 'asc' } }),
    members: await database.membership.findMany({ orderBy: { userId: 'asc' } }),
    counters: await database.counter.findMany({ orderBy: { kind: 'asc' } }),
  }));
}

/** All of an answer that could tell anything: not the date, and not the request's own id. */
export function comparable({ status, text, headers }: Answer): unknown {
  const told = [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return { status, text, headers: Object.fromEntries(told) };
}
