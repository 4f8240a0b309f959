import { Agent } from 'node:http';
import type { Page } from '../../../src/common/pagination.js';
import type { ProjectView } from '../../../src/features/projects/project.dto.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type TenantOfWorld, type World } from '../../support/world.js';
import { abandon, bearer, converse, exchange, json, type WireRequest } from './wire.js';

// A body arrives through events of its socket, and sockets are shared: by requests, tenants and time.
let testApp: TestApp;
let world: World;
beforeEach(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterEach(() => testApp.close());

const requests = 200;
/** In characters of three bytes each: from one packet to about 30 KB, which takes several reads. */
const sizes = [0, 10, 1000, 5000, 5500, 9000];

/** A POST or PATCH of project 1, whose text says whose it is and which one, in one piece or several. */
function writing({ admin, marker }: TenantOfWorld, index: number): WireRequest & { readonly description: string } {
  const description = `${marker} ${String(index)} ${'語'.repeat(sizes[index % sizes.length] ?? 0)}`;
  const { headers, body: [whole] = [] } = json({ name: marker, description }, admin.token);
  const bytes = Buffer.from(whole ?? '');
  const pieces = 1 + (index % 4);
  const length = Math.ceil(bytes.length / pieces);
  const body = Array.from({ length: pieces }, (_, piece) => bytes.subarray(piece * length, (piece + 1) * length));
  const target =
    index % 3 === 0 ? { method: 'PATCH', path: '/api/projects/1' } : { method: 'POST', path: '/api/projects' };
  return { ...target, ...(headers ? { headers } : {}), body, description };
}

async function projectsOf({ admin }: TenantOfWorld): Promise<readonly ProjectView[]> {
  const all: ProjectView[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { json } = await admin.get(`/api/projects?limit=100${cursor && `&cursor=${cursor}`}`);
    const page = json as Page<ProjectView>;
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

/** Every row of each tenant is marked as its own, and `created` ones have come to the world's three. */
async function expectOwnRows(created: number): Promise<void> {
  for (const tenant of [world.acme, world.globex]) {
    const projects = await projectsOf(tenant);
    expect(projects.filter(({ description }) => !description.startsWith(tenant.marker))).toEqual([]);
    expect(projects).toHaveLength(3 + created);
  }
}

const tenantOf = (index: number) => (index % 2 === 0 ? world.acme : world.globex);
const postsOfEach = Array.from({ length: requests }, (_, index) => index).filter((index) => index % 3 !== 0).length / 2;

it.each([1, 2, 7])(
  'of many requests with bodies over %i kept sockets, each acts for the tenant of its own token',
  async (maxSockets) => {
    let connections = 0;
    testApp.app.getHttpServer().on('connection', () => (connections += 1));
    const agent = new Agent({ keepAlive: true, maxSockets });
    const answered = Array.from({ length: requests }, async (_, index) => {
      const { description, ...request } = writing(tenantOf(index), index);
      const { status, text } = await exchange(testApp.baseUrl, { ...request, agent });
      expect(status).toBe(request.method === 'POST' ? 201 : 200);
      expect(JSON.parse(text)).toMatchObject({ name: tenantOf(index).marker, description });
    });
    await Promise.all(answered);
    agent.destroy();
    expect(connections).toBe(maxSockets);
    await expectOwnRows(postsOfEach);
  },
);

it('uploads broken off half-way leave nothing behind, and nothing in the way of those after them', async () => {
  const logged = testApp.log.length;
  const agent = new Agent({ keepAlive: true, maxSockets: 3 });
  const work = Array.from({ length: requests }, async (_, index) => {
    const { description, ...request } = writing(tenantOf(index), index);
    const rest = { ...request, agent };
    if (index % 5 === 0) {
      await abandon(testApp.baseUrl, { ...rest, body: (rest.body ?? []).map((piece) => piece.slice(0, -1)) });
      return 0;
    }
    const { status, text } = await exchange(testApp.baseUrl, rest);
    expect(status).toBe(rest.method === 'POST' ? 201 : 200);
    expect(JSON.parse(text)).toMatchObject({ description });
    return status === 201 ? 1 : 0;
  });
  const created: number[] = await Promise.all(work);
  agent.destroy();
  await expectOwnRows(created.reduce((sum, one) => sum + one, 0) / 2);
  expect(testApp.log.slice(logged)).toEqual([]);
});

it('requests written to a socket all at once are answered in order, each to its own tenant', async () => {
  const count = 40;
  const written = Array.from({ length: count }, (_, index) => {
    const { method = '', path, headers = {}, body = [] } = writing(tenantOf(index), 3 * index + 1);
    const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([
      Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`),
      ...body.map(Buffer.from),
    ]);
  });
  const last = `GET /api/tenant HTTP/1.1\r\nhost: localhost\r\nauthorization: ${bearer(world.acme.admin.token)['authorization'] ?? ''}\r\nconnection: close\r\n\r\n`;
  const received = await converse(testApp.baseUrl, Buffer.concat([...written, Buffer.from(last)]));
  const names = [...received.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name);
  const expected = Array.from({ length: count }, (_, index) => tenantOf(index).marker);
  expect(names).toEqual([...expected, `Tenant ${world.acme.marker}`]);
  await expectOwnRows(count / 2);
});
