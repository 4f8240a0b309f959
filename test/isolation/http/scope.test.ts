import { Agent } from 'node:http';
import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from '../../../src/app.module.js';
import type { ProjectView } from '../../../src/features/projects/project.dto.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type TenantOfWorld, type World } from '../../support/world.js';
import { walk } from './walk.js';
import { abandon, bearer, converse, exchange, json, type WireRequest } from './wire.js';

// A body arrives through events of its socket, and sockets are shared: by requests, tenants and time.
let testApp: TestApp;
let world: World;
beforeEach(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterEach(() => testApp.close());

const indexes = Array.from({ length: 200 }, (_, index) => index);
/** In characters of three bytes each: from one packet to about 30 KB, which takes several reads. */
const sizes = [0, 10, 300, 1000, 5000, 5500, 9000];

/** A POST or PATCH of project 1, whose text says whose it is and which one, in one piece or several. */
function writing({ admin, marker }: TenantOfWorld, index: number): WireRequest & { readonly description: string } {
  const description = `${marker} ${String(index)} ${'語'.repeat(sizes[index % sizes.length] ?? 0)}`;
  const { headers, body: [whole] = [] } = json({ name: marker, description }, admin.token);
  const bytes = Buffer.from(whole ?? '');
  const pieces = 1 + (index % 5);
  const length = Math.ceil(bytes.length / pieces);
  const body = Array.from({ length: pieces }, (_, piece) => bytes.subarray(piece * length, (piece + 1) * length));
  const target =
    index % 3 === 0 ? { method: 'PATCH', path: '/api/projects/1' } : { method: 'POST', path: '/api/projects' };
  return { ...target, ...(headers ? { headers } : {}), body, description };
}

/** Each tenant has the projects made for it, and no others; its project 1 is still its own. */
async function expectNothingElse(made: readonly string[]): Promise<void> {
  for (const { admin, marker } of [world.acme, world.globex]) {
    const pages = await walk<ProjectView>(admin, '/api/projects', { limit: '100' });
    const projects = pages.flatMap(({ items }) => items);
    const descriptions = projects.filter(({ number }) => number > 3).map(({ description }) => description);
    expect(descriptions.toSorted()).toEqual(made.filter((each) => each.startsWith(marker)).toSorted());
    expect(projects.at(-1)).toMatchObject({ number: 1, description: expect.stringContaining(marker) as unknown });
  }
}

const tenantOf = (index: number) => (index % 2 === 0 ? world.acme : world.globex);

/** Sends the index-th request, checks its answer, and returns the description of what it made, if anything. */
async function send(index: number, agent: Agent): Promise<string[]> {
  const { description, ...request } = writing(tenantOf(index), index);
  const { status, text } = await exchange(testApp.baseUrl, { ...request, agent });
  expect(status).toBe(request.method === 'POST' ? 201 : 200);
  expect(JSON.parse(text)).toMatchObject({ name: tenantOf(index).marker, description });
  return status === 201 ? [description] : [];
}

it.each([1, 2, 7])(
  'of many requests with bodies over %i kept sockets, each acts for the tenant of its own token',
  async (maxSockets) => {
    let connections = 0;
    testApp.app.getHttpServer().on('connection', () => (connections += 1));
    const agent = new Agent({ keepAlive: true, maxSockets });
    const made = await Promise.all(indexes.map((index) => send(index, agent)));
    agent.destroy();
    expect(connections).toBe(maxSockets);
    await expectNothingElse(made.flat());
  },
);

/** Hands each request on from within the next one, as plug-ins do that queue, batch or pool. */
@Module({ imports: [AppModule] })
class CrossingModule {
  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    let waiting: (() => void) | undefined;
    httpAdapter.getInstance().addHook('preParsing', ({ method }, _reply, payload, done) => {
      const goOn = () => done(null, payload);
      if (method === 'GET') goOn();
      else if (waiting) {
        waiting();
        waiting = undefined;
        goOn();
      } else waiting = goOn;
    });
  }
}

it('requests that a plug-in hands on from within each other act for their own tenants all the same', async () => {
  await testApp.close();
  testApp = await startTestApp(CrossingModule);
  world = await createWorld(testApp);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const made = await Promise.all(indexes.map((index) => send(index, agent)));
  agent.destroy();
  await expectNothingElse(made.flat());
});

it('uploads broken off half-way leave nothing behind, and nothing in the way of those after them', async () => {
  const logged = testApp.log.length;
  const agent = new Agent({ keepAlive: true, maxSockets: 3 });
  const sent = indexes.map(async (index) => {
    if (index % 5 !== 0) return send(index, agent);
    const request = writing(tenantOf(index), index);
    const body = request.body?.map((piece) => piece.slice(0, -1)) ?? [];
    await abandon(testApp.baseUrl, { ...request, body, agent });
    return [];
  });
  const made = await Promise.all(sent);
  agent.destroy();
  await expectNothingElse(made.flat());
  expect(testApp.log.slice(logged)).toEqual([]);
});

it('requests written to one socket all at once are answered in order, each for its own tenant', async () => {
  const posts = indexes.filter((index) => index % 3 !== 0).slice(0, 40);
  const written = posts.map((index) => ({ ...writing(tenantOf(index), index), tenant: tenantOf(index) }));
  const bytes = written.map(({ method = '', path, headers, body = [] }) =>
    Buffer.concat([head(method, path, headers), ...body.map((piece) => Buffer.from(piece))]),
  );
  const last = head('GET', '/api/tenant', { ...bearer(world.acme.admin.token), connection: 'close' });
  const received = await converse(testApp.baseUrl, Buffer.concat([...bytes, last]));
  const names = [...received.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name);
  expect(names).toEqual([...written.map(({ tenant }) => tenant.marker), `Tenant ${world.acme.marker}`]);
  await expectNothingElse(written.map(({ description }) => description));
});

function head(method: string, path: string, headers: WireRequest['headers']): Buffer {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}
