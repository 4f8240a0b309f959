import { randomUUID } from 'node:crypto';
import { memberRoles, type TenantIdentity } from '../../../src/isolation/context/index.js';
import { enter } from '../../support/actor.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { declaredRoutes, InventoryModule, type DeclaredRoute } from './inventory.js';
import { bearer, exchange } from './wire.js';

/** Who adds to this list says here what the route's @Public says: a second person reads it. */
const publicRoutes = {
  'POST /api/auth/login': 'the token comes from here',
  'POST /api/auth/refresh': 'the access token has expired; the refresh token is verified instead',
  'POST /api/visitors': 'anyone may try it; the session is a new one, of nobody',
  'GET /health/live': 'probes carry no token; the answers name no tenant',
  'GET /health/ready': 'probes carry no token; the answers name no tenant',
  'GET /health/isolation': 'probes carry no token; the answers name no tenant',
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

/** What anybody changes of their own, and nothing of the tenant: open to viewers. */
const ownThings = [
  'POST /api/auth/switch',
  'POST /api/auth/password',
  'DELETE /api/auth/sessions/:id',
  'POST /api/auth/logout',
  'POST /api/auth/logout-everywhere',
  'PUT /api/scratchpad',
  'POST /api/assistant/threads',
  'DELETE /api/assistant/threads/:id',
  'POST /api/assistant/threads/:id/messages',
];
/** And to visitors, who have nothing but a session. */
const visitorsThings = ['POST /api/auth/logout', 'GET /api/scratchpad', 'PUT /api/scratchpad'];

type Asker = Omit<TenantIdentity, 'sessionId'>;
const visitor = (): Asker => ({ tenantId: randomUUID(), userId: randomUUID(), role: 'visitor' });

/**
 * The status each route answers with, for things that do not exist: a guard speaks before anybody looks
 * for them. One after the other, and each with a session of its own: some routes end it.
 */
async function statuses(asker: Asker | undefined, asked: readonly DeclaredRoute[]): Promise<Record<string, number>> {
  const answers: [string, number][] = [];
  for (const route of asked) {
    const path = route.path.replaceAll(/:(\w+)/g, (_, name) =>
      /id$/i.test(String(name)) ? randomUUID() : '2147483647',
    );
    const token = asker && (await enter(testApp, asker)).token;
    const { status } = await exchange(testApp.baseUrl, { method: route.method, path, headers: bearer(token) });
    answers.push([nameOf(route), status]);
  }
  return Object.fromEntries(answers);
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
  expect(await statuses(undefined, open)).toEqual({
    'POST /api/auth/login': 400, // nobody said who
    'POST /api/auth/refresh': 400, // there was no token to verify
    'POST /api/visitors': 201,
    'GET /health/live': 200,
    'GET /health/ready': 200,
    'GET /health/isolation': 200,
  });
});

it('every other route answers 401 without a token, HEAD included, and not with one', async () => {
  const closed = routes.filter((route) => !isPublic(route));
  const heads = closed.filter(({ method }) => method === 'GET').map((route) => ({ ...route, method: 'HEAD' }));
  expect(closed.length).toBeGreaterThan(heads.length);
  expect(await statuses(undefined, [...closed, ...heads])).toEqual(all([...closed, ...heads], 401));
  expect(refusals(await statuses(world.acme.admin.identity, [...closed, ...heads]))).toEqual([]);
});

it('every route that changes something of the tenant refuses a viewer, and lets the role it names pass', async () => {
  const tenants = changers().filter((route) => !ownThings.includes(nameOf(route)));
  const own = changers().filter((route) => ownThings.includes(nameOf(route)));
  expect(tenants.length).toBeGreaterThan(0);
  expect(await statuses(world.acme.viewer.identity, tenants)).toEqual(all(tenants, 403));
  expect(own.map(nameOf).toSorted()).toEqual(ownThings.toSorted());
  expect(refusals(await statuses(world.acme.viewer.identity, own))).toEqual([]);
  for (const role of memberRoles) {
    const open = changers().filter(({ minimumRole }) => minimumRole === role);
    expect(refusals(await statuses(world.acme[role].identity, open))).toEqual([]);
  }
});

it('every route for admins refuses a member, and lets an admin pass', async () => {
  const adminsOnly = routes.filter(({ minimumRole }) => minimumRole === 'admin');
  expect(adminsOnly.map(nameOf)).toEqual(['PATCH /api/members/:userId', 'DELETE /api/members/:userId']);
  expect(await statuses(world.acme.member.identity, adminsOnly)).toEqual(all(adminsOnly, 403));
  expect(refusals(await statuses(world.acme.admin.identity, adminsOnly))).toEqual([]);
});

it('every route that only reads is open to a viewer', async () => {
  const readers = routes.filter((route) => route.method === 'GET' && !isPublic(route));
  expect(readers.length).toBeGreaterThan(0);
  expect(refusals(await statuses(world.acme.viewer.identity, readers))).toEqual([]);
});

it('every route refuses a visitor, but for those of a session’s own', async () => {
  const closed = routes.filter((route) => !isPublic(route) && !visitorsThings.includes(nameOf(route)));
  const open = routes.filter((route) => visitorsThings.includes(nameOf(route)));
  expect(await statuses(visitor(), closed)).toEqual(all(closed, 403));
  expect(open.map(nameOf).toSorted()).toEqual(visitorsThings.toSorted());
  expect(refusals(await statuses(visitor(), open))).toEqual([]);
});
