import type { ProjectView } from '../../src/features/projects/project.dto.js';
import { TenantDatabase } from '../../src/isolation/database/index.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type Person, type World } from '../support/world.js';
import { wrongFields } from './problem.js';
import { walk } from '../isolation/http/walk.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  process.env['CACHE_COMMAND_TIMEOUT_MS'] = '5000'; // a slow machine must not turn a HIT into a MISS
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const create = async (body: object = { name: 'new' }, person: Person = world.acme.member): Promise<ProjectView> =>
  (await person.post('/api/projects', body)).json as ProjectView;
const pathOf = ({ number }: ProjectView) => `/api/projects/${String(number)}`;
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

describe('a project', () => {
  it('is created with what it is given, and found as it was created', async () => {
    const answer = await world.acme.member.post('/api/projects', { name: 'Name', description: 'Description' });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      number: expect.any(Number) as unknown,
      name: 'Name',
      description: 'Description',
      status: 'active',
      createdAt: instant,
      updatedAt: instant,
    });
    const found = await world.acme.viewer.get(pathOf(answer.json as ProjectView));
    expect(found).toMatchObject({ status: 200, json: answer.json as unknown });
    expect(await create({ name: 'Name' })).toMatchObject({ name: 'Name', description: '' });
  });

  it('changes in the fields that are named, and in no others but the time of the change', async () => {
    const { member, viewer } = world.acme;
    const project = await create({ name: 'before', description: 'before' });
    const update = async (changes: object) => (await member.patch(pathOf(project), changes)).json as ProjectView;
    const renamed = await update({ name: 'after' });
    expect(renamed).toEqual({ ...project, name: 'after', updatedAt: instant });
    expect(await update({ description: '' })).toEqual({ ...renamed, description: '', updatedAt: instant });
    const archived = { ...renamed, description: '', status: 'archived', updatedAt: instant };
    expect(await update({ status: 'archived' })).toEqual(archived);
    expect((await viewer.get(pathOf(project))).json).toEqual(archived);
  });

  it('says when it changed last', async () => {
    const { number } = await create();
    const longAgo = new Date(0);
    const database = testApp.get(TenantDatabase);
    await world.acme.member.run(() =>
      database.project.updateMany({ where: { number }, data: { createdAt: longAgo, updatedAt: longAgo } }),
    );
    const { json } = await world.acme.member.patch(`/api/projects/${String(number)}`, { name: 'changed' });
    expect(json).toMatchObject({ createdAt: longAgo.toISOString() });
    expect(Date.parse((json as { updatedAt: string }).updatedAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is gone once removed: to read, to change, to remove again, and in lists; its number is not given out again', async () => {
    const project = await create();
    const { member } = world.acme;
    expect((await member.get(pathOf(project))).status).toBe(200);
    expect(await member.delete(pathOf(project))).toMatchObject({ status: 204, text: '' });
    expect((await member.get(pathOf(project))).status).toBe(404);
    expect((await member.patch(pathOf(project), { name: 'again' })).status).toBe(404);
    expect((await member.delete(pathOf(project))).status).toBe(404);
    expect((await member.get('/api/projects?limit=100')).text).not.toContain(`"number":${String(project.number)},`);
    expect((await create()).number).toBeGreaterThan(project.number);
  });

  it.each(['POST', 'PATCH', 'DELETE'])('cannot be changed by a viewer (%s), and can by a member', async (method) => {
    const { viewer, member } = world.acme;
    const path = method === 'POST' ? '/api/projects' : pathOf(await create());
    const body = method === 'DELETE' ? undefined : { name: 'changed' };
    expect(await viewer.send(method, path, body)).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect((await member.send(method, path, body)).status).toBeLessThan(300);
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['name']],
    ['every field wrong', { name: '', description: 7, other: 1 }, ['name', 'description', 'other']],
    ['texts too long', { name: 'a'.repeat(201), description: 'a'.repeat(10_001) }, ['name', 'description']],
    ['a status, which is not for creators to say', { name: 'a', status: 'archived' }, ['status']],
  ])('cannot be created with %s; the answer names every wrong field', async (_, body, paths) => {
    const { status, json } = await world.acme.member.post('/api/projects', body);
    expect(status).toBe(400);
    expect(wrongFields(json)).toEqual(paths);
    expect(await create({ name: 'a'.repeat(200), description: 'a'.repeat(10_000) })).toMatchObject({
      status: 'active',
    });
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['']],
    [
      'every field wrong',
      { name: null, description: [], status: 'done', number: 1 },
      ['name', 'description', 'status', 'number'],
    ],
  ])('cannot be changed to %s; the answer names every wrong field', async (_, changes, paths) => {
    const project = await create();
    const { status, json } = await world.acme.member.patch(pathOf(project), changes);
    expect(status).toBe(400);
    expect(wrongFields(json)).toEqual(paths);
    expect((await world.acme.member.get(pathOf(project))).json).toEqual(project);
  });
});

describe('the list of projects', () => {
  it.each([1, 2])('walked in pages of %i shows every one once, newest first', async (limit) => {
    const { acme } = await createWorld(testApp);
    for (const name of ['four', 'five']) await acme.member.post('/api/projects', { name });
    const pages = await walk<ProjectView>(acme.viewer, '/api/projects', { limit: String(limit) });
    expect(pages.flatMap(({ items }) => items).map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
    expect(pages).toHaveLength(Math.ceil(5 / limit));
    expect(pages.at(-1)?.nextCursor).toBeNull();
    const exactly = (await acme.viewer.get('/api/projects?limit=5')).json as unknown;
    expect(exactly).toMatchObject({ items: { length: 5 }, nextCursor: null });
  });

  it('filtered by status shows those, on every page', async () => {
    const { acme } = await createWorld(testApp);
    for (const number of [1, 3]) await acme.member.patch(`/api/projects/${String(number)}`, { status: 'archived' });
    const numbersOf = async (status: string) =>
      (await walk<ProjectView>(acme.viewer, '/api/projects', { limit: '1', status })).map(
        ({ items }) => items[0]?.number,
      );
    expect(await numbersOf('archived')).toEqual([3, 1]);
    expect(await numbersOf('active')).toEqual([2]);
  });

  it('refuses a query that it does not understand, naming every wrong parameter', async () => {
    const { status, json } = await world.acme.viewer.get('/api/projects?limit=101&cursor=!&status=open&order=name');
    expect(status).toBe(400);
    expect(wrongFields(json)).toEqual(['limit', 'cursor', 'status', 'order']);
    expect((await world.acme.viewer.get('/api/projects?limit=100&status=active')).status).toBe(200);
  });
});

describe('the cache of a project', () => {
  it.each<[string, (person: Person) => Promise<unknown>, number]>([
    ['update', (person) => person.patch('/api/projects/1', { name: 'changed' }), 200],
    ['removal', (person) => person.delete('/api/projects/1'), 404],
  ])('is filled by the first reader, and emptied by an %s, for one tenant only', async (_, change, statusAfter) => {
    const { acme, globex } = await createWorld(testApp);
    const read = async (person: Person) => {
      const { status, headers } = await person.get('/api/projects/1');
      return [status, headers.get('x-cache')];
    };
    for (const { viewer, admin } of [acme, globex]) {
      expect(await read(viewer)).toEqual([200, 'MISS']);
      expect(await read(admin)).toEqual([200, 'HIT']);
    }
    await change(acme.member);
    expect(await read(acme.viewer)).toEqual(statusAfter === 200 ? [200, 'MISS'] : [404, null]);
    expect(await read(globex.viewer)).toEqual([200, 'HIT']);
    if (statusAfter === 200) expect(await read(acme.viewer)).toEqual([200, 'HIT']);
    expect((await acme.viewer.get('/api/projects/1')).text).toContain(statusAfter === 200 ? 'changed' : 'not-found');
  });

  it('stays as it is when another project changes', async () => {
    const { acme } = await createWorld(testApp);
    await acme.viewer.get('/api/projects/1');
    await acme.member.patch('/api/projects/2', { name: 'changed' });
    expect((await acme.viewer.get('/api/projects/1')).headers.get('x-cache')).toBe('HIT');
    expect((await acme.viewer.get('/api/projects/2')).headers.get('x-cache')).toBe('MISS');
  });
});
