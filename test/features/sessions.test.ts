import { randomUUID } from 'node:crypto';
import type { SessionView } from '../../src/isolation/sessions/index.js';
import { enter } from '../support/actor.js';
import type { Client } from '../support/client.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type World } from '../support/world.js';
import { addMember } from '../isolation/http/people.js';
import { comparable } from '../isolation/http/rows.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const list = async (client: Client) => (await client.get('/api/auth/sessions')).json as SessionView[];
const pathOf = (id: string) => `/api/auth/sessions/${id}`;

it('the list shows the caller’s sessions in this tenant, oldest first, and which one asks', async () => {
  const first = await addMember(testApp, world.acme, 'member');
  const second = await enter(testApp, first.client.identity);
  await addMember(testApp, world.globex, 'member', first.email);
  const expected = [first.client, second].map(({ identity }) => identity.sessionId);
  const shown = await list(second);
  expect(shown.map(({ id }) => id)).toEqual(expected);
  expect(shown.map(({ isCurrent }) => isCurrent)).toEqual([false, true]);
  for (const { openedAt, refreshedAt } of shown) {
    expect(openedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(String(refreshedAt))).toBeGreaterThanOrEqual(Date.parse(String(openedAt)));
  }
});

it('a session that has ended is not in the list', async () => {
  const { client } = await addMember(testApp, world.acme, 'member');
  const other = await enter(testApp, client.identity);
  expect(await list(client)).toHaveLength(2);
  await other.post('/api/auth/logout', undefined);
  expect(await list(client)).toHaveLength(1);
});

it('one’s own session can be ended by its id, and then it is gone', async () => {
  const { client } = await addMember(testApp, world.acme, 'viewer');
  const other = await enter(testApp, client.identity);
  const path = pathOf(other.identity.sessionId);
  expect((await client.delete(path)).status).toBe(204);
  expect((await other.get('/api/tenant')).status).toBe(401);
  expect((await client.delete(path)).status).toBe(404);
  expect((await client.get('/api/tenant')).status).toBe(200);
});

it('another’s session, of this tenant or of the other, is answered like one there is not, and lives on', async () => {
  const { client } = await addMember(testApp, world.acme, 'admin');
  for (const victim of [world.acme.viewer, world.globex.admin]) {
    const refused = await client.delete(pathOf(victim.identity.sessionId));
    expect(refused).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(comparable(refused)).toEqual(comparable(await client.delete(pathOf(randomUUID()))));
    expect((await victim.get('/api/tenant')).status).toBe(200);
  }
});

it('a session id that is none is nobody’s', async () => {
  const { status, json } = await world.acme.viewer.delete(pathOf('1'));
  expect([status, json.code]).toEqual([404, 'not-found']);
});
