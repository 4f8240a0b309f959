import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { LocalFolder } from '../../../src/isolation/storage/local-folder.js';
import { contentPath, picture, upload } from '../../support/files.js';
import { variable } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { ledgerOf } from './objects.js';

// A folder of its own, because this suite takes it away.
const shared = variable('STORAGE_DIRECTORY');
const base = mkdtempSync(join(tmpdir(), 'project-1041-storage-'));
const directory = join(base, 'files');
let testApp: TestApp;
let world: World;
beforeAll(async () => {
  process.env['STORAGE_DIRECTORY'] = directory;
  testApp = await startTestApp();
});
beforeEach(async () => {
  world = await createWorld(testApp);
});
afterAll(async () => {
  await testApp.close();
  process.env['STORAGE_DIRECTORY'] = shared;
  rmSync(base, { recursive: true, force: true });
});

/** What a client may be told of it: nothing of the machine. */
const unavailable = { status: 503, json: { code: 'unavailable' } };
const expectNoPath = (text: string) => expect(text).not.toMatch(/project-1041-storage|ENO|EFBIG|ENOTDIR/);

describe('while the folder is not there', () => {
  beforeEach(async () => {
    for (const { member } of [world.acme, world.globex])
      expect((await upload(member, picture('from before'))).status).toBe(201);
    renameSync(directory, `${directory}-away`);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
    renameSync(`${directory}-away`, directory);
  });

  it('what is stored is out of reach, and not missing; nothing is stored beside it; then all is as before', async () => {
    const { member, viewer } = world.acme;
    for (const answer of [
      await viewer.get('/api/projects/1/files/1/content'),
      await upload(member, picture('in between')),
    ]) {
      expect(answer).toMatchObject(unavailable);
      expectNoPath(answer.text);
    }
    expect((await viewer.get('/api/projects/1/files/1')).status).toBe(200);
    expect(readdirSync(base)).toEqual(['files-away']);

    renameSync(`${directory}-away`, directory);
    expect((await viewer.get('/api/projects/1/files/1/content')).text).toContain('from before');
    expect((await upload(member, picture('after'))).status).toBe(201);
    renameSync(directory, `${directory}-away`);
  });

  it('a file can be deleted: it is out of reach at once, and on the list of what is to be removed', async () => {
    const { acme } = world;
    const { claimed } = await ledgerOf(acme);
    expect((await acme.member.delete('/api/projects/1/files/1')).status).toBe(204);
    expect((await acme.viewer.get('/api/projects/1/files/1/content')).status).toBe(404);
    expect(await ledgerOf(acme)).toEqual({ claimed: [], unclaimed: claimed });
    expect((await ledgerOf(world.globex)).claimed).toHaveLength(1);
  });
});

it('a tenant’s folder that is none stops that tenant’s uploads, and nobody else’s', async () => {
  const { acme, globex } = world;
  writeFileSync(join(directory, acme.id), '');
  const answer = await upload(acme.member, picture('nowhere'));
  expect(answer).toMatchObject(unavailable);
  expectNoPath(answer.text);
  expect((await upload(globex.member, picture('somewhere'))).status).toBe(201);
});

// No file of this process may grow beyond the limit: to the application, a disk that is full in the middle of an upload.
const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${String(bytes)}:unlimited`]);
// The signal that comes with it would end the process. Jest's own `process` cannot listen to signals.
runInThisContext(`process.on('SIGXFSZ', () => undefined)`);

it('while the disk is full an upload is told so and leaves nothing; downloads go on; then all is as before', async () => {
  const { acme } = world;
  const uploaded = await upload(acme.member, picture('from before', 100_000));
  const before = [objectsIn(acme.id), await ledgerOf(acme)];
  limitFiles(1_000_000);
  try {
    const answer = await upload(acme.member, picture('too much', 5_000_000));
    expect(answer).toMatchObject(unavailable);
    expectNoPath(answer.text);
    expect((await acme.viewer.get(contentPath(uploaded))).text).toContain('from before');
  } finally {
    limitFiles('unlimited');
  }
  expect([objectsIn(acme.id), await ledgerOf(acme)]).toEqual(before);
  expect((await upload(acme.member, picture('not too much', 5_000_000))).status).toBe(201);
});

it('the application does not start with a folder that it cannot have, and starts with one that it can make', async () => {
  writeFileSync(join(base, 'no folder'), '');
  await expect(LocalFolder.open(join(base, 'no folder'))).rejects.toThrow(/Refusing to start.*STORAGE_DIRECTORY/);
  await expect(LocalFolder.open(join(base, 'new', 'folder'))).resolves.toBeInstanceOf(LocalFolder);
});

const objectsIn = (tenantId: string) => readdirSync(join(directory, tenantId)).toSorted();
