import fc from 'fast-check';
import type pg from 'pg';
import type { Answer } from '../../support/client.js';
import type { TestApp } from '../../support/test-app.js';
import { call } from '../matrix/callers.js';
import { plantTenant } from '../noninterference/tenants.js';
import { Clock } from './register.js';
import { TenantHistory, type Sent } from './tenant-history.js';

/** A request that a client sends. */
export interface HttpDeed extends Pick<Sent, 'does' | 'kind' | 'number'> {
  /** Even ones are tenant 0's, odd ones tenant 1's. Each does one thing after the other, all of them at once. */
  readonly client: number;
}

/** Both tenants have 1 to 3 from the beginning, and may make a 4. Project 1 has the tasks, and stays as it is. */
export const httpDeeds: fc.Arbitrary<HttpDeed[]> = fc.array(
  fc.record({
    client: fc.integer({ min: 0, max: 5 }),
    does: fc.constantFrom('read', 'read', 'read', 'list', 'create', 'update', 'update', 'delete'),
    kind: fc.constantFrom('project', 'task'),
    number: fc.integer({ min: 2, max: 4 }),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** What stands between clients and the application: nothing, or something wrong that a test has put there. */
export type Between = (request: string, ask: () => Promise<Answer>) => Promise<Answer>;

/** Sends all requests to two new tenants, those of different clients at once. @returns what was wrong */
export async function runHttpHistory(
  testApp: TestApp,
  database: pg.Client,
  all: readonly HttpDeed[],
  between: Between = (_, ask) => ask(),
): Promise<readonly string[]> {
  const clock = new Clock();
  const people = [await plantTenant(database), await plantTenant(database)];
  const [marker = '', foreign = ''] = people.map(({ identity }) => identity.tenantId);
  const histories = [new TenantHistory(marker, foreign), new TenantHistory(foreign, marker)];
  const tenants = await Promise.all(
    people.map(async (person, index) => {
      const [{ client }, history] = [await call(testApp, person), histories[index]];
      if (!history) throw new Error('There is no such tenant.');
      return async (deed: Omit<HttpDeed, 'client'>) => {
        const asked = clock.tick();
        const value = `${history.marker} ${String(asked)}`;
        const { method, path, body } = requestOf(deed, value);
        const answer = await between(`${method} ${path}`, () => client.send(method, path, body));
        history.note({ ...deed, value, asked, answered: clock.tick() }, answer);
      };
    }),
  );
  for (const kind of ['project', 'task'] as const)
    await Promise.all(tenants.flatMap((act) => [1, 2, 3].map((number) => act({ does: 'create', kind, number }))));
  const clients = [0, 1, 2, 3, 4, 5].map(async (client) => {
    for (const deed of all) if (deed.client === client) await tenants[client % 2]?.(deed);
  });
  await Promise.all(clients);
  return histories.flatMap((history) => history.contradictions());
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

function requestOf({ does, kind, number }: Omit<HttpDeed, 'client'>, value: string): Request {
  const collection = kind === 'project' ? '/api/projects' : '/api/projects/1/tasks';
  const thing = `${collection}/${String(number)}`;
  const body = kind === 'project' ? { name: value } : { title: value };
  switch (does) {
    case 'read':
      return { method: 'GET', path: thing };
    case 'list':
      return { method: 'GET', path: `${collection}?limit=100` };
    case 'create':
      return { method: 'POST', path: collection, body };
    case 'update':
      return { method: 'PATCH', path: thing, body };
    case 'delete':
      return { method: 'DELETE', path: thing };
  }
}
