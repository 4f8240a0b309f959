import type { AppProcess } from '../../support/app-process.js';
import { Client } from '../../support/client.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { startLoad } from './load.js';
import { startRelease } from './release.js';

// In the middle of a deployment: this release; the next, in which a cached project has one field more; and one that
// was to be the next, whose author forgot to raise the entry's version.
const oneFieldMore = {
  file: 'src/features/projects/projects.repository.ts',
  text: 'const view = { number: true,',
  replacement: 'const view = { tenantId: true, number: true,',
};
const raisedVersion = {
  file: 'src/isolation/cache/cache-entries.ts',
  text: "name: 'project',\n    version: 1,",
  replacement: "name: 'project',\n    version: 2,",
};
let old: TestApp;
let next: AppProcess;
let forgetful: AppProcess;
let world: World;
beforeAll(async () => {
  old = await startTestApp();
  [next, forgetful] = await Promise.all([startRelease([oneFieldMore, raisedVersion]), startRelease([oneFieldMore])]);
}, 120_000);
beforeEach(async () => {
  world = await createWorld(old);
});
afterAll(async () => {
  await Promise.all([next.kill(), forgetful.kill()]);
  await old.close();
});

const at = ({ baseUrl }: { readonly baseUrl: string }, tenant = world.acme) => new Client(baseUrl, tenant.admin.token);
const read = async (client: Client) => {
  const { headers, json } = await client.get('/api/projects/1');
  return { cache: headers.get('x-cache'), hasNewField: 'tenantId' in json, name: json.name as string };
};

it('an entry in another format is a miss, and each release answers in its own', async () => {
  for (const tenant of [world.acme, world.globex]) {
    const name = `Project 1 of ${tenant.marker}`;
    for (const cache of ['MISS', 'HIT']) {
      expect(await read(at(old, tenant))).toEqual({ cache, hasNewField: false, name });
      expect(await read(at(next, tenant))).toEqual({ cache, hasNewField: true, name });
    }
  }
});

it('without a raised version one release would answer in the other’s format', async () => {
  await read(at(forgetful));
  expect(await read(at(old))).toMatchObject({ cache: 'HIT', hasNewField: true });
});

it('a change that one release makes is seen in the other at once', async () => {
  for (const [changing, reading] of [
    [old, next],
    [next, old],
  ] as const) {
    await read(at(reading));
    expect(await read(at(reading))).toMatchObject({ cache: 'HIT' });
    const name = `${world.acme.marker} changed`;
    expect((await at(changing).patch('/api/projects/1', { name })).status).toBe(200);
    expect(await read(at(reading))).toMatchObject({ cache: 'MISS', name });
  }
});

it('a session that ends in one release has ended in the other', async () => {
  const { member } = world.globex;
  const there = new Client(next.baseUrl, member.token);
  expect((await there.get('/api/me')).status).toBe(200);
  expect((await member.post('/api/auth/logout', undefined)).status).toBe(204);
  expect((await there.get('/api/me')).status).toBe(401);
});

it('under load of both tenants everything is accepted, and nothing leaks', async () => {
  const load = startLoad([world.acme, world.globex], () => [old.baseUrl, next.baseUrl]);
  await load.succeeds(10);
  expect(Object.keys(await load.stop())).toEqual(['200', '201']);
});
