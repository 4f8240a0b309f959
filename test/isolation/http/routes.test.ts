import { randomUUID } from 'node:crypto';
import { roles } from '../../../src/isolation/context/index.js';
import type { Client } from '../../support/client.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { declaredRoutes, InventoryModule, type DeclaredRoute } from './inventory.js';
import { bearer, exchange } from './wire.js';

/** Who adds to this list says here what the route's @Public says: a second person reads it. */
const publicRoutes = {
  'POST /api/auth/login': 'the token comes from here',
  'GET /health/live': 'probes carry no token; the answers name no tenant',
  'GET /health/ready': 'probes carry no token; the answers name no tenant',
};

let testApp: TestApp;
let world: World;
let routes: readonly DeclaredRoute[];
beforeAll(async () => {
  testApp = await startTestApp(InventoryModule);
  world = await createWorld(testApp);
  routes = declaredRoutes(testApp);
});
afterAll(() => testApp.close());

const nameOf = ({ method, path }: DeclaredRoute) => `${method} ${path}`;
const isPublic = ({ publicReason }: DeclaredRoute) => publicReason !== undefined;
const changers = () => routes.filter((route) => route.method !== 'GET' && !isPublic(route));

/** The status each route answers with, for things that do not exist: a guard speaks before anybody looks for them. */
async function statuses(client: Client, asked: readonly DeclaredRoute[]): Promise<Record<string, number>> {
  const answers = asked.map(async (route) => {
    const path = route.path.replaceAll(/:(\w+)/g, (_, name) =>
      /id$/i.test(String(name)) ? randomUUID() : '2147483647',
    );
    const { status } = await exchange(testApp.baseUrl, { method: route.method, path, headers: bearer(client.token) });
    return [nameOf(route), status] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

const all = (asked: readonly DeclaredRoute[], status: number) =>
  Object.fromEntries(asked.map((route) => [nameOf(route), status]));
const refusals = (answers: Record<string, number>) =>
  Object.entries(answers).filter(([, status]) => [401, 403].includes(status));

it('every route that is served is one of a controller, where the guard stands, or HEAD of one', () => {
  const declared = routes.map(nameOf);
  const heads = routes.filter(({ method }) => method === 'GET').map(({ path }) => `HEAD ${path}`);
  expect(testApp.get(InventoryModule).served.toSorted()).toEqual([...declared, ...heads].toSorted());
});

it('the public routes are those listed here, each for the reason it gives, and they answer without a token', async () => {
  const open = routes.filter(isPublic);
  expect(Object.fromEntries(open.map((route) => [nameOf(route), route.publicReason]))).toEqual(publicRoutes);
  expect(await statuses(world.anonymous, open)).toEqual({
    'POST /api/auth/login': 400, // nobody said who
    'GET /health/live': 200,
    'GET /health/ready': 200,
  });
});

it('every other route answers 401 without a token, HEAD included, and not with one', async () => {
  const closed = routes.filter((route) => !isPublic(route));
  const heads = closed.filter(({ method }) => method === 'GET').map((route) => ({ ...route, method: 'HEAD' }));
  expect(closed.length).toBeGreaterThan(heads.length);
  expect(await statuses(world.anonymous, [...closed, ...heads])).toEqual(all([...closed, ...heads], 401));
  expect(refusals(await statuses(world.acme.admin, [...closed, ...heads]))).toEqual([]);
});

it('every route that changes something refuses a viewer, and lets the role it names pass', async () => {
  expect(changers().length).toBeGreaterThan(0);
  expect(await statuses(world.acme.viewer, changers())).toEqual(all(changers(), 403));
  for (const role of roles) {
    const open = changers().filter(({ minimumRole }) => minimumRole === role);
    expect(refusals(await statuses(world.acme[role], open))).toEqual([]);
  }
});

it('every route for admins refuses a member, and lets an admin pass', async () => {
  const adminsOnly = routes.filter(({ minimumRole }) => minimumRole === 'admin');
  expect(adminsOnly.map(nameOf)).toEqual(['PATCH /api/members/:userId', 'DELETE /api/members/:userId']);
  expect(await statuses(world.acme.member, adminsOnly)).toEqual(all(adminsOnly, 403));
  expect(refusals(await statuses(world.acme.admin, adminsOnly))).toEqual([]);
});

it('every route that only reads is open to a viewer', async () => {
  const readers = routes.filter((route) => route.method === 'GET' && !isPublic(route));
  expect(readers.length).toBeGreaterThan(0);
  expect(refusals(await statuses(world.acme.viewer, readers))).toEqual([]);
});
