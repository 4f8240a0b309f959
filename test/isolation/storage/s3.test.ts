import { randomBytes } from 'node:crypto';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { storageEntries } from '../../../src/isolation/storage/index.js';
import { StorageSweep } from '../../../src/isolation/storage/storage-sweep.js';
import type { Answer } from '../../support/client.js';
import { contentPath, picture, upload } from '../../support/files.js';
import { variable } from '../../support/postgres.js';
import { startS3, type S3Server } from '../../support/s3-server.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type TenantOfWorld, type World } from '../../support/world.js';
import { age, ledgerOf } from './objects.js';

// The bucket instead of the folder, and a store that goes away: the other end of the network.
const given = { ...process.env };
let s3: S3Server;
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  s3 = await startS3('files');
  Object.assign(process.env, {
    STORAGE_S3_BUCKET: 'files',
    STORAGE_S3_ENDPOINT: s3.endpoint,
    AWS_REGION: 'anywhere',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: variable('STORAGE_SEAL_KEY'),
  });
  testApp = await startTestApp();
});
beforeEach(async () => {
  world = await createWorld(testApp);
});
afterEach(() => {
  s3.onRequest = () => undefined;
});
afterAll(async () => {
  await testApp.close();
  await s3.kill();
  process.env = given;
});

const keysOf = ({ id }: TenantOfWorld) => [...s3.objects.keys()].filter((key) => key.startsWith(`${id}/`)).toSorted();
const claimedKeysOf = async (tenant: TenantOfWorld) =>
  (await ledgerOf(tenant)).claimed.map((objectId) => `${tenant.id}/${objectId}`);

it.each([0, 100, 6_000_000, storageEntries.projectFile.maximumBytes - 100])(
  'the same file of %i bytes in both tenants is two objects, each under its tenant; deleting one leaves the other',
  async (bytes) => {
    const { acme, globex } = world;
    const content = bytes === 0 ? Buffer.alloc(0) : picture('the same in both', bytes);
    for (const { member } of [acme, globex]) expect((await upload(member, content)).status).toBe(201);
    expect(keysOf(acme)).toEqual(await claimedKeysOf(acme));
    expect(keysOf(globex)).toEqual(await claimedKeysOf(globex));
    expect(s3.unfinished.size).toBe(0);
    expect((await acme.member.delete('/api/projects/1/files/1')).status).toBe(204);
    expect(keysOf(acme)).toEqual([]);
    const { status, text } = await globex.viewer.get('/api/projects/1/files/1/content');
    expect([status, text]).toEqual([200, content.toString()]);
  },
);

it('another tenant’s object, copied to a file’s key, is not sent: the alarm is raised', async () => {
  const { acme, globex } = world;
  const uploaded = await upload(acme.member, picture(acme.marker));
  await upload(globex.member, picture(globex.marker));
  const [place = '', victim = ''] = [keysOf(acme)[0], keysOf(globex)[0]];
  const objects = s3.objects as Map<string, Buffer>;
  const own = objects.get(place);
  objects.set(place, objects.get(victim) ?? Buffer.alloc(0));
  const count = () => testApp.get(SecurityEvents).count('storage', 'misplaced object');
  const before = count();
  const answer = await acme.viewer.get(contentPath(uploaded));
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain(globex.marker);
  expect(count()).toBe(before + 1);
  objects.set(place, own ?? Buffer.alloc(0));
  expect((await acme.viewer.get(contentPath(uploaded))).text).toContain(acme.marker);
});

it.each<[string, number, Buffer]>([
  ['too large', 413, picture('large', storageEntries.projectFile.maximumBytes + 1)],
  ['no text, as is found out in its second part', 415, Buffer.concat([Buffer.alloc(6_000_000, 'x'), randomBytes(100)])],
])('a refused upload (%s) leaves neither object nor parts', async (_, status, content) => {
  expect((await upload(world.acme.member, content)).status).toBe(status);
  expect(keysOf(world.acme)).toEqual([]);
  expect(s3.unfinished.size).toBe(0);
  expect(await ledgerOf(world.acme)).toEqual({ claimed: [], unclaimed: [] });
});

it('an object that is not there is told from a bucket that is not there', async () => {
  const uploaded = await upload(world.acme.member, picture('kept'));
  const objects = s3.objects as Map<string, Buffer>;
  const [key = ''] = keysOf(world.acme);
  const object = objects.get(key);
  objects.delete(key);
  expect((await world.acme.viewer.get(contentPath(uploaded))).status).toBe(500);
  objects.set(key, object ?? Buffer.alloc(0));
  s3.onRequest = (_, url) => {
    url.pathname = url.pathname.replace('/files/', '/elsewhere/');
  };
  expect((await world.acme.viewer.get(contentPath(uploaded))).json).toMatchObject({ code: 'unavailable' });
  s3.onRequest = () => undefined;
  expect((await world.acme.viewer.get(contentPath(uploaded))).status).toBe(200);
});

it('killed and restarted under load: each request is served or told 503, what was accepted is all there, what was not is nowhere', async () => {
  const { acme, globex } = world;
  const tenants = [acme, globex] as const;
  const accepted: { tenant: TenantOfWorld; uploaded: Answer; text: string }[] = [];
  const statuses = new Set<number>();
  let isOver = false;
  const load = tenants.flatMap((tenant) =>
    [1, 2, 3].map(async (worker) => {
      for (let turn = 0; !isOver; turn++) {
        const text = `${tenant.marker} ${String(worker)} ${String(turn)}`;
        const uploaded = await upload(tenant.member, picture(text, turn % 4 === 0 ? 6_000_000 : 1000));
        statuses.add(uploaded.status);
        if (uploaded.status === 201) accepted.push({ tenant, uploaded, text });
        if (uploaded.status >= 500) expect(uploaded.json).toMatchObject({ code: 'unavailable' });
      }
    }),
  );
  for (const wanted of [3, 8, 13]) {
    await until(() => accepted.length >= wanted);
    let isHit = false;
    s3.onRequest = () => {
      isHit = true;
    };
    await until(() => isHit); // in the middle of a request
    await s3.kill();
    await until(() => statuses.has(503));
    statuses.delete(503);
    await s3.restart();
  }
  await until(() => accepted.length >= 18);
  isOver = true;
  await Promise.all(load);
  expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([]);

  for (const { tenant, uploaded, text } of accepted)
    expect((await tenant.viewer.get(contentPath(uploaded))).text).toContain(text);
  for (const tenant of tenants) {
    await age(tenant, '61 minutes');
    const claimed = await claimedKeysOf(tenant);
    expect(claimed).toHaveLength(accepted.filter((file) => file.tenant === tenant).length);
    await testApp.get(StorageSweep).run();
    expect(keysOf(tenant)).toEqual(claimed);
    expect((await ledgerOf(tenant)).unclaimed).toEqual([]);
  }
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}
