import { randomUUID } from 'node:crypto';
import type { MemberView } from '../../src/features/members/member.dto.js';
import { addMember, type Member } from '../isolation/http/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, password, type World } from '../support/world.js';
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

const pathOf = (userId: string) => `/api/members/${userId}`;
const newMember = async () => pathOf((await addMember(testApp, world.acme, 'member')).userId);

describe('a member', () => {
  it('is shown to every member of the tenant, in these fields', async () => {
    const { email, userId } = await addMember(testApp, world.acme, 'member');
    for (const person of [world.acme.viewer, world.acme.member, world.acme.admin]) {
      expect(await person.get(pathOf(userId))).toMatchObject({ status: 200 });
      expect((await person.get(pathOf(userId))).json).toEqual({
        userId,
        email,
        name: `member of ${world.acme.marker}`,
        role: 'member',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
      });
    }
    expect((await world.acme.admin.get(pathOf(randomUUID()))).status).toBe(404);
  });

  it('changes in the fields that are named, and in no others', async () => {
    const path = await newMember();
    const { admin } = world.acme;
    const before = (await admin.get(path)).json as MemberView;
    expect((await admin.patch(path, { name: 'after' })).json).toEqual({ ...before, name: 'after' });
    expect((await admin.patch(path, { role: 'viewer' })).json).toEqual({ ...before, name: 'after', role: 'viewer' });
    expect((await admin.get(path)).json).toEqual({ ...before, name: 'after', role: 'viewer' });
  });

  it('has the new role from the next login on', async () => {
    const { email, userId } = await addMember(testApp, world.acme, 'member');
    const createAfterLogin = async () => {
      const { json } = await world.anonymous.post('/api/auth/login', { email, password });
      const headers = { authorization: `Bearer ${(json as { access_token: string }).access_token}` };
      return (await world.anonymous.post('/api/projects', { name: 'new' }, headers)).status;
    };
    expect(await createAfterLogin()).toBe(201);
    await world.acme.admin.patch(pathOf(userId), { role: 'viewer' });
    expect(await createAfterLogin()).toBe(403);
  });

  it('once removed is gone: to read, in lists, to change, to remove again; the tenant’s rows that name them stay', async () => {
    const { userId } = await addMember(testApp, world.acme, 'member');
    const { admin } = world.acme;
    const task = await admin.post('/api/projects/1/tasks', { title: 'theirs', assigneeId: userId });
    const { number } = task.json as { number: number };
    const list = async () => JSON.stringify(await walk(admin, '/api/members', { limit: '100' }));
    expect(await list()).toContain(userId);
    expect(await admin.delete(pathOf(userId))).toMatchObject({ status: 204, text: '' });
    expect(await list()).not.toContain(userId);
    expect((await admin.get(pathOf(userId))).status).toBe(404);
    expect((await admin.patch(pathOf(userId), { role: 'viewer' })).status).toBe(404);
    expect((await admin.delete(pathOf(userId))).status).toBe(404);
    expect((await admin.get(`/api/projects/1/tasks/${String(number)}`)).json).toMatchObject({ assigneeId: userId });
  });

  it.each(['PATCH', 'DELETE'])(
    'cannot be changed by a viewer or a member (%s), not even oneself, and can by an admin',
    async (method) => {
      const body = method === 'PATCH' ? { role: 'admin' } : undefined;
      for (const role of ['viewer', 'member'] as const) {
        const { userId, client } = await addMember(testApp, world.acme, role);
        expect((await client.send(method, pathOf(userId), body)).status).toBe(403);
        expect((await world.acme[role].send(method, pathOf(userId), body)).status).toBe(403);
        expect((await world.acme.admin.get(pathOf(userId))).json).toMatchObject({ role });
        expect((await world.acme.admin.send(method, pathOf(userId), body)).status).toBeLessThan(300);
      }
    },
  );

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['']],
    ['every field wrong', { name: '', role: 'owner', email: 'new@example' }, ['name', 'role', 'email']],
    ['a name too long', { name: 'a'.repeat(201) }, ['name']],
  ])('cannot be changed to %s; the answer names every wrong field', async (_, changes, paths) => {
    const path = await newMember();
    const before = (await world.acme.admin.get(path)).json as unknown;
    const { status, json } = await world.acme.admin.patch(path, changes);
    expect(status).toBe(400);
    expect(wrongFields(json)).toEqual(paths);
    expect((await world.acme.admin.get(path)).json).toEqual(before);
    expect((await world.acme.admin.patch(path, { name: 'a'.repeat(200) })).status).toBe(200);
  });
});

it.each([1, 2])('the list of members, walked in pages of %i, shows every one once, by id', async (limit) => {
  const { acme } = await createWorld(testApp);
  const { userId } = await addMember(testApp, acme, 'viewer');
  const pages = await walk<MemberView>(acme.viewer, '/api/members', { limit: String(limit) });
  const ids = [userId, ...[acme.admin, acme.member, acme.viewer].map(({ identity }) => identity.userId)];
  expect(pages.flatMap(({ items }) => items).map((member) => member.userId)).toEqual(ids.toSorted());
  expect(pages).toHaveLength(4 / limit);
});

describe('GET /api/me', () => {
  const ask = async ({ client }: Pick<Member, 'client'>) => {
    const { status, json, headers } = await client.get('/api/me');
    return { status, json: json as unknown, cache: headers.get('x-cache') };
  };

  it('answers each with themselves, as they are in this tenant, from the database and from the cache', async () => {
    const { acme, globex } = world;
    const first = await addMember(testApp, acme, 'member');
    const people = [
      first,
      await addMember(testApp, globex, 'viewer', first.email),
      await addMember(testApp, acme, 'admin'),
    ];
    for (const cache of ['MISS', 'HIT']) {
      for (const person of people) {
        const { json } = await person.client.get(pathOf(person.userId));
        expect(json).toMatchObject({ userId: person.userId, email: person.email });
        expect(await ask(person)).toEqual({ status: 200, json: json as unknown, cache });
      }
    }
  });

  it('changes with oneself, and not with others', async () => {
    const [changed, other] = [
      await addMember(testApp, world.acme, 'member'),
      await addMember(testApp, world.acme, 'member'),
    ];
    for (const person of [changed, other]) await ask(person);
    await world.acme.admin.patch(pathOf(changed.userId), { name: 'changed' });
    expect(await ask(changed)).toMatchObject({ json: { name: 'changed' }, cache: 'MISS' });
    expect(await ask(other)).toMatchObject({ status: 200, cache: 'HIT' });
    await world.acme.admin.delete(pathOf(changed.userId));
    expect(await ask(changed)).toMatchObject({ status: 401, json: { code: 'session-ended' }, cache: null });
    expect(await ask(other)).toMatchObject({ status: 200, cache: 'HIT' });
  });
});
