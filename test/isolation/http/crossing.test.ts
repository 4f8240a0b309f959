import type { Page } from '../../../src/common/pagination.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';
import { absentRows, comparable, contentsOf, createRows, fill, type Rows } from './rows.js';
import { walk } from './walk.js';

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
  it.each<[string, string, object | undefined]>([
    ['GET', '/api/projects/{project}', undefined],
    ['PATCH', '/api/projects/{project}', { name: 'taken over' }],
    ['DELETE', '/api/projects/{project}', undefined],
    ['GET', '/api/projects/{project}/tasks', undefined],
    ['POST', '/api/projects/{project}/tasks', { title: 'planted' }],
    ['GET', '/api/projects/{project}/tasks/{task}', undefined],
    ['PATCH', '/api/projects/{project}/tasks/{task}', { title: 'taken over' }],
    ['DELETE', '/api/projects/{project}/tasks/{task}', undefined],
    ['GET', '/api/projects/1/tasks/{taskOfFirst}', undefined],
    ['PATCH', '/api/projects/1/tasks/{taskOfFirst}', { status: 'done' }],
    ['DELETE', '/api/projects/1/tasks/{taskOfFirst}', undefined],
    ['GET', '/api/members/{member}', undefined],
    ['PATCH', '/api/members/{member}', { role: 'viewer' }],
    ['DELETE', '/api/members/{member}', undefined],
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
    '/api/me',
    '/api/projects?limit=100',
    '/api/projects/{project}',
    '/api/projects/{project}/tasks',
    '/api/projects/{project}/tasks/{task}',
    '/api/members?limit=100',
  ])('GET %s answers each with its own, from the database and from the cache', async (path) => {
    const { acme, globex } = world;
    const [rows = absentRows] = await createRows(testApp, acme, globex);
    for (const [own, other] of [
      [acme, globex],
      [globex, acme],
      [acme, globex],
      [globex, acme],
    ] as const) {
      const { status, text } = await own.admin.get(fill(path, rows));
      expect(status).toBe(200);
      expect(text).toContain(own.marker);
      expect(text).not.toContain(other.marker);
    }
  });

  it.each<[string, string, object | undefined]>([
    ['POST', '/api/projects', { name: 'new' }],
    ['PATCH', '/api/projects/{project}', { name: 'renamed' }],
    ['DELETE', '/api/projects/{project}', undefined],
    ['POST', '/api/projects/{project}/tasks', { title: 'new' }],
    ['PATCH', '/api/projects/{project}/tasks/{task}', { status: 'done' }],
    ['DELETE', '/api/projects/{project}/tasks/{task}', undefined],
  ])('%s %s changes one’s own, and nothing of the other’s', async (method, path, body) => {
    const { acme, globex } = world;
    const [rows = absentRows] = await createRows(testApp, acme, globex);
    for (const [own, other] of [
      [globex, acme],
      [acme, globex],
    ] as const) {
      const [ownBefore, otherBefore] = [await contentsOf(testApp, own), await contentsOf(testApp, other)];
      expect((await own.admin.send(method, fill(path, rows), body)).status).toBeLessThan(300);
      expect(await contentsOf(testApp, own)).not.toEqual(ownBefore);
      expect(await contentsOf(testApp, other)).toEqual(otherBefore);
    }
  });
});

describe.each(['/api/projects', '/api/projects/1/tasks', '/api/members'])('GET %s', (path) => {
  const pageOf = async (person: Person, query: string) =>
    (await person.get(`${path}?${query}`)).json as Page<Record<string, unknown>>;

  it('used with a cursor from the victim’s list, yields rows of the one who uses it and no others', async () => {
    const { acme, globex } = await createWorld(testApp);
    await createRows(testApp, acme, globex);
    const { nextCursor } = await pageOf(acme.admin, 'limit=1');
    for (const person of [globex.admin, acme.admin]) {
      const { items: own } = await pageOf(person, 'limit=100');
      const { items } = await pageOf(person, `limit=100&cursor=${String(nextCursor)}`);
      for (const item of items) expect(own).toContainEqual(item);
      if (person === acme.admin) expect(items).toEqual(own.slice(1));
    }
  });

  it('walked page by page, meets one’s own rows and no others', async () => {
    const { acme, globex } = await createWorld(testApp);
    await createRows(testApp, acme, globex);
    for (const { admin, marker } of [acme, globex]) {
      const { items: own } = await pageOf(admin, 'limit=100');
      for (const item of own) expect(JSON.stringify(item)).toContain(marker);
      const walked = (await walk(admin, path, { limit: '2' })).flatMap(({ items }) => items);
      expect(walked).toEqual(own);
      expect(walked.length).toBeGreaterThan(1);
    }
  });
});
