import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { objectPath } from '../../../src/isolation/storage/object-key.js';
import { storageEntries, TenantStorage, type StorageEntry } from '../../../src/isolation/storage/index.js';
import { picture, upload } from '../../support/files.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { folderOf, objectsOf } from './objects.js';

let testApp: TestApp;
let world: World;
let storage: TenantStorage;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  storage = testApp.get(TenantStorage);
});
afterAll(() => testApp.close());

const uuid = '6f0c58a6-3b0b-4f0e-9f6e-0d6a1c7a9b11';
async function* content() {
  yield await Promise.resolve(Buffer.from('content'));
}

it.each(['plan.png', '../../../../etc/cron.d/1041', '/etc/passwd', 'con', `${uuid}.part`, 'a'.repeat(255)])(
  'a file called %s lies in its tenant’s folder, under a random name, for the application’s eyes only',
  async (name) => {
    const { acme } = world;
    const before = objectsOf(acme);
    const { json, status } = await upload(acme.member, picture(acme.marker), { name });
    expect(status).toBe(201);
    expect(JSON.stringify(json)).not.toContain(folderOf(acme));
    const added = objectsOf(acme).filter((object) => !before.includes(object));
    expect(added).toEqual([expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)]);
    expect(statSync(folderOf(acme)).mode & 0o777).toBe(0o700);
    expect(statSync(join(folderOf(acme), added[0] ?? '')).mode & 0o777).toBe(0o600);
  },
);

it.each([
  '',
  '.',
  '..',
  '../x',
  'x/../..',
  '/etc/passwd',
  `${uuid}/..`,
  `${uuid}\0`,
  `${uuid}\n`,
  `../${uuid}`,
  uuid.toUpperCase(),
])('what is no UUID (%j) becomes no part of a path, as tenant or as object', (part) => {
  expect(() => objectPath({ tenantId: uuid, objectId: part })).toThrow(TypeError);
  expect(() => objectPath({ tenantId: part, objectId: uuid })).toThrow(TypeError);
  expect(objectPath({ tenantId: uuid, objectId: uuid })).toBe(`${uuid}/${uuid}`);
});

it('the same content stored twice is two objects, also of one tenant', async () => {
  const { member } = world.acme;
  const put = () => member.run(() => storage.put(storageEntries.projectFile, content()));
  const objects = await Promise.allSettled([put(), put()]);
  const ids = objects.map((object) => (object.status === 'fulfilled' ? object.value.objectId : String(object.reason)));
  expect(ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  expect(new Set(ids).size).toBe(2);
});

it('an entry that is not in the registry stores nothing, not even a copy of one that is', async () => {
  const { member } = world.acme;
  const entry: StorageEntry = { ...storageEntries.projectFile };
  const before = objectsOf(world.acme);
  await expect(member.run(() => storage.put(entry, content()))).rejects.toThrow(/not registered/);
  expect(objectsOf(world.acme)).toEqual(before);
  await member.run(() => storage.put(storageEntries.projectFile, content()));
  expect(objectsOf(world.acme)).toHaveLength(before.length + 1);
});

it('a type that its entry does not take stores nothing, and one that it takes is stored', async () => {
  const { member } = world.acme;
  const before = objectsOf(world.acme);
  const put = (text: Buffer) => member.run(() => storage.put(storageEntries.canary, Readable.from([text])));
  await expect(put(picture('small'))).rejects.toMatchObject({ code: 'unsupported-file-type' });
  expect(objectsOf(world.acme)).toEqual(before);
  await expect(put(Buffer.from('small'))).resolves.toMatchObject({ contentType: 'text/plain' });
});

it('without a tenant nothing is stored, opened or removed', async () => {
  const stored = await world.acme.member.run(() => storage.put(storageEntries.projectFile, content()));
  const before = objectsOf(world.acme);
  for (const attempt of [
    () => storage.put(storageEntries.projectFile, content()),
    () => storage.open(stored),
    () => storage.discard(stored.objectId),
  ])
    await expect(attempt()).rejects.toThrow(/No tenant in this execution/);
  expect(objectsOf(world.acme)).toEqual(before);
  await world.acme.member.run(() => storage.discard(stored.objectId));
  expect(objectsOf(world.acme)).toHaveLength(before.length - 1);
});
