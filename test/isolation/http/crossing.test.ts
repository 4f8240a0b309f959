import type { Page } from '../../../src/common/pagination.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';
import { absentRows, comparable, contentsOf, createRows, fill, type Rows } from './rows.js';

// As the other tenant's admin, over HTTP, on every route that is about something a tenant owns.
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const attacker = () => world.attackerOf(world.acme);

describe('what only the victim has', () => {
  it.each<[string, string, object?]>([
    ['GET', '/api/projects/{project}'],
    ['PATCH', '/api/projects/{project}', { name: 'taken over' }],
    ['DELETE', '/api/projects/{project}'],
    ['GET', '/api/projects/{project}/tasks'],
    ['POST', '/api/projects/{project}/tasks', { title: 'planted' }],
    ['GET', '/api/projects/{project}/tasks/{task}'],
    ['PATCH', '/api/projects/{project}/tasks/{task}', { title: 'taken over' }],
    ['DELETE', '/api/projects/{project}/tasks/{task}'],
    ['GET', '/api/projects/1/tasks/{taskOfFirst}'],
    ['PATCH', '/api/projects/1/tasks/{taskOfFirst}', { status: 'done' }],
    ['DELETE', '/api/projects/1/tasks/{taskOfFirst}'],
    ['GET', '/api/members/{member}'],
    ['PATCH', '/api/members/{member}', { role: 'viewer' }],
    ['DELETE', '/api/members/{member}'],
  ])('%s %s: 404, as for what does not exist anywhere, and nothing changes', async (method, path, body) => {
    const [rows = absentRows] = await createRows(testApp, world.acme);
    const before = await contentsOf(testApp, world.acme);
    const send = (person: Person, target: Rows) => person.send(method, fill(path, target), body);

    const answer = await send(attacker(), rows);
    expect(answer).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(comparable(answer)).toEqual(comparable(await send(attacker(), absentRows)));
    expect(await contentsOf(testApp, world.acme)).toEqual(before);
    expect((await send(world.acme.admin, rows)).status).toBeLessThan(300);
  });

  it.each([
    ['POST', '/api/projects/1/tasks'],
    ['PATCH', '/api/projects/1/tasks/{taskOfFirst}'],
  ])('%s %s with a member of the victim’s as assignee: 422, as for nobody', async (method, path) => {
    const [victims = absentRows, own = absentRows] = await createRows(testApp, world.acme, world.globex);
    const assign = (person: Person, rows: Rows, assigneeId: string) =>
      person.send(method, fill(path, rows), { title: 'assigned', assigneeId });

    const answer = await assign(attacker(), own, victims.member);
    expect(answer).toMatchObject({ status: 422, json: { code: 'unknown-assignee' } });
    expect(comparable(answer)).toEqual(comparable(await assign(attacker(), own, absentRows.member)));
    expect((await assign(attacker(), own, own.member)).json).toMatchObject({ assigneeId: own.member });
    expect((await assign(world.acme.admin, victims, victims.member)).json).toMatchObject({
      assigneeId: victims.member,
    });
  });
});

describe('a number that both have', () => {
  it.each([
    '/api/tenant',
    '/api/projects?limit=100',
    '/api/projects/{project}',
    '/api/projects/{project}/tasks',
    '/api/projects/{project}/tasks/{task}',
    '/api/members?limit=100',
  ])('GET %s answers each with its own, from the database and from the cache', async (path) => {
    const { acme, globex } = world;
    const [rows = absentRows] = await createRows(testApp, acme, globex);
    for (const [own, other] of [[acme, globex], [globex, acme], [acme, globex], [globex, acme]] as const) {
      const { status, text } = await own.admin.get(fill(path, rows));
      expect(status).toBe(200);
      expect(text).toContain(own.marker);
      expect(text).not.toContain(other.marker);
    }
  }); // prettier-ignore

  it.each<[string, string, object?]>([
    ['POST', '/api/projects', { name: 'new' }],
    ['PATCH', '/api/projects/{project}', { name: 'renamed' }],
    ['DELETE', '/api/projects/{project}'],
    ['POST', '/api/projects/{project}/tasks', { title: 'new' }],
    ['PATCH', '/api/projects/{project}/tasks/{task}', { status: 'done' }],
    ['DELETE', '/api/projects/{project}/tasks/{task}'],
  ])('%s %s changes one’s own, and nothing of the other’s', async (method, path, body) => {
    const { acme, globex } = world;
    const [rows = absentRows] = await createRows(testApp, acme, globex);
    for (const [own, other] of [[globex, acme], [acme, globex]] as const) {
      const [ownBefore, otherBefore] = [await contentsOf(testApp, own), await contentsOf(testApp, other)];
      expect((await own.admin.send(method, fill(path, rows), body)).status).toBeLessThan(300);
      expect(await contentsOf(testApp, own)).not.toEqual(ownBefore);
      expect(await contentsOf(testApp, other)).toEqual(otherBefore);
    }
  }); // prettier-ignore
});

describe('lists', () => {
  const pageOf = async (person: Person, path: string) => (await person.get(path)).json as Page<unknown>;

  it.each(['/api/projects', '/api/projects/1/tasks', '/api/members'])(
    'a cursor from the victim’s GET %s yields rows of the one who uses it, and no others',
    async (path) => {
      await createRows(testApp, world.acme, world.globex);
      const { nextCursor } = await pageOf(world.acme.admin, `${path}?limit=1`);
      for (const person of [attacker(), world.acme.admin]) {
        const { items: own } = await pageOf(person, `${path}?limit=100`);
        const { items } = await pageOf(person, `${path}?limit=100&cursor=${String(nextCursor)}`);
        expect(own).toEqual(expect.arrayContaining(items as unknown[]));
        expect(items.length).toBeLessThanOrEqual(own.length);
      }
      const continued = await pageOf(world.acme.admin, `${path}?limit=100&cursor=${String(nextCursor)}`);
      expect(continued.items.length).toBeGreaterThan(0);
    },
  );

  it.each(['/api/projects', '/api/projects/1/tasks', '/api/members'])(
    'walking all pages of GET %s meets one’s own rows only',
    async (path) => {
      const { acme, globex } = world;
      await createRows(testApp, acme, globex);
      for (const [own, other] of [[acme, globex], [globex, acme]] as const) {
        let cursor = '';
        do {
          const { items, nextCursor } = await pageOf(own.admin, `${path}?limit=2${cursor}`);
          expect(items.length).toBeGreaterThan(0);
          for (const item of items) expect(JSON.stringify(item)).toContain(own.marker);
          expect(JSON.stringify(items)).not.toContain(other.marker);
          cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
        } while (cursor !== '');
      }
    },
  ); // prettier-ignore
});
