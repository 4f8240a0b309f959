import { randomUUID } from 'node:crypto';
import type { ProjectView } from '../../src/features/projects/project.dto.js';
import type { TaskView } from '../../src/features/tasks/task.dto.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type World } from '../support/world.js';
import { wrongFields } from './problem.js';
import { walk } from '../isolation/http/walk.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

/** The path of the tasks of a new project. */
async function tasksOfNewProject(): Promise<string> {
  const { number } = (await world.acme.member.post('/api/projects', { name: 'new' })).json as ProjectView;
  return `/api/projects/${String(number)}/tasks`;
}

async function newTask(body: object = { title: 'new' }): Promise<{ readonly path: string; readonly task: TaskView }> {
  const tasks = await tasksOfNewProject();
  const task = (await world.acme.member.post(tasks, body)).json as TaskView;
  return { path: `${tasks}/${String(task.number)}`, task };
}

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

describe('a task', () => {
  it('is created with what it is given, and found as it was created', async () => {
    const tasks = await tasksOfNewProject();
    const { userId } = world.acme.viewer.identity;
    const answer = await world.acme.member.post(tasks, { title: 'Title', assigneeId: userId });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      number: expect.any(Number) as unknown,
      projectNumber: Number(tasks.split('/')[3]),
      title: 'Title',
      status: 'open',
      assigneeId: userId,
      createdAt: instant,
      updatedAt: instant,
    });
    const { number } = answer.json as TaskView;
    expect((await world.acme.viewer.get(`${tasks}/${String(number)}`)).json).toEqual(answer.json);
    expect((await newTask()).task).toMatchObject({ title: 'new', assigneeId: null });
  });

  it('changes in the fields that are named, and in no others', async () => {
    const { path, task } = await newTask({ title: 'before', assigneeId: world.acme.admin.identity.userId });
    const update = async (changes: object) => (await world.acme.member.patch(path, changes)).json as unknown;
    const done = { ...task, status: 'done', updatedAt: instant };
    expect(await update({ status: 'done' })).toEqual(done);
    expect(await update({ title: 'after' })).toEqual({ ...done, title: 'after' });
    expect(await update({ assigneeId: null })).toEqual({ ...done, title: 'after', assigneeId: null });
    expect((await world.acme.viewer.get(path)).json).toMatchObject({
      title: 'after',
      status: 'done',
      assigneeId: null,
    });
  });

  it('is gone once removed, to read, to change and to remove again', async () => {
    const { path } = await newTask();
    const { member } = world.acme;
    expect((await member.get(path)).status).toBe(200);
    expect(await member.delete(path)).toMatchObject({ status: 204, text: '' });
    expect((await member.get(path)).status).toBe(404);
    expect((await member.patch(path, { title: 'again' })).status).toBe(404);
    expect((await member.delete(path)).status).toBe(404);
  });

  it('is found under its own project only', async () => {
    const { path } = await newTask();
    const elsewhere = path.replace(/projects\/\d+/, 'projects/1');
    const { member } = world.acme;
    for (const [method, body] of [['GET'], ['PATCH', { title: 'moved' }], ['DELETE']] as const) {
      expect((await member.send(method, elsewhere, body)).status).toBe(404);
      expect((await member.send(method, path, body)).status).toBeLessThan(300);
    }
  });

  it.each(['GET', 'POST'])('%s needs a project that exists', async (method) => {
    const body = method === 'GET' ? undefined : { title: 'new' };
    expect((await world.acme.member.send(method, '/api/projects/2147483647/tasks', body)).status).toBe(404);
    expect((await world.acme.member.send(method, await tasksOfNewProject(), body)).status).toBeLessThan(300);
  });

  it.each(['POST', 'PATCH', 'DELETE'])('cannot be changed by a viewer (%s), and can by a member', async (method) => {
    const { path } = await newTask();
    const target = method === 'POST' ? path.replace(/\/\d+$/, '') : path;
    const body = method === 'DELETE' ? undefined : { title: 'changed' };
    expect((await world.acme.viewer.send(method, target, body)).status).toBe(403);
    expect((await world.acme.member.send(method, target, body)).status).toBeLessThan(300);
  });

  it('cannot be given to somebody who is no member, and can to one who is', async () => {
    const { path, task } = await newTask();
    const tasks = path.replace(/\/\d+$/, '');
    const nobody = { title: 'for nobody', assigneeId: randomUUID() };
    const refused = { status: 422, json: { code: 'unknown-assignee' } };
    expect(await world.acme.member.post(tasks, nobody)).toMatchObject(refused);
    expect(await world.acme.member.patch(path, nobody)).toMatchObject(refused);
    expect((await world.acme.member.get(tasks)).json).toEqual({ items: [task], nextCursor: null });
    const { userId: assigneeId } = world.acme.member.identity;
    expect((await world.acme.member.post(tasks, { ...nobody, assigneeId })).json).toMatchObject({ assigneeId });
    expect((await world.acme.member.patch(path, { assigneeId })).json).toMatchObject({ assigneeId });
  });

  it.each<[string, string, object, string[]]>([
    ['POST', 'nothing', {}, ['title']],
    ['POST', 'every field wrong', { title: '', assigneeId: 'me', project: 1 }, ['title', 'assigneeId', 'project']],
    ['POST', 'a title too long', { title: 'a'.repeat(501) }, ['title']],
    ['PATCH', 'nothing', {}, ['']],
    ['PATCH', 'every field wrong', { title: 1, status: 'active', assigneeId: 1, number: 1 }, ['title', 'status', 'assigneeId', 'number']],
  ])('cannot be %sed with %s; the answer names every wrong field', async (method, _, body, paths) => {
    const { path, task } = await newTask();
    const target = method === 'POST' ? path.replace(/\/\d+$/, '') : path;
    const { status, json } = await world.acme.member.send(method, target, body);
    expect(status).toBe(400);
    expect(wrongFields(json)).toEqual(paths);
    expect((await world.acme.member.get(path)).json).toEqual(task);
    expect((await world.acme.member.send(method, target, { title: 'a'.repeat(500) })).status).toBeLessThan(300);
  }); // prettier-ignore
});

describe('the list of tasks', () => {
  it.each([1, 2])('walked in pages of %i shows every one of the project once, oldest first', async (limit) => {
    const tasks = await tasksOfNewProject();
    await newTask(); // of another project
    const created: number[] = [];
    for (const title of ['a', 'b', 'c', 'd', 'e']) {
      created.push(((await world.acme.member.post(tasks, { title })).json as TaskView).number);
    }
    const pages = await walk<TaskView>(world.acme.viewer, tasks, { limit: String(limit) });
    expect(pages.flatMap(({ items }) => items).map(({ number }) => number)).toEqual(created);
    expect(pages).toHaveLength(Math.ceil(5 / limit));
  });

  it('filtered by status shows those, on every page', async () => {
    const tasks = await tasksOfNewProject();
    for (const title of ['a', 'b', 'c']) {
      const { number } = (await world.acme.member.post(tasks, { title })).json as TaskView;
      if (title !== 'b') await world.acme.member.patch(`${tasks}/${String(number)}`, { status: 'done' });
    }
    const titlesOf = async (status: string) =>
      (await walk<TaskView>(world.acme.viewer, tasks, { limit: '1', status })).map(({ items }) => items[0]?.title);
    expect(await titlesOf('done')).toEqual(['a', 'c']);
    expect(await titlesOf('open')).toEqual(['b']);
  });
});

it('a project takes its tasks with it when it is removed, and none of the other tenant’s', async () => {
  const { acme, globex } = await createWorld(testApp);
  const path = '/api/projects/1/tasks';
  expect((await acme.member.get(`${path}/1`)).text).toContain(acme.marker);
  expect((await acme.member.delete('/api/projects/1')).status).toBe(204);
  expect((await acme.member.get(path)).status).toBe(404);
  expect((await acme.member.get(`${path}/1`)).status).toBe(404);
  expect((await acme.member.get('/api/projects/2/tasks/2')).text).toContain(acme.marker);
  expect((await globex.member.get(`${path}/1`)).text).toContain(globex.marker);
});
