import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { storageEntries, TenantStorage } from '../../../src/isolation/storage/index.js';
import { StorageSweep } from '../../../src/isolation/storage/storage-sweep.js';
import { picture, upload } from '../../support/files.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type TenantOfWorld, type World } from '../../support/world.js';
import { abandon, bearer, exchange } from '../http/wire.js';
import { age, folderOf, ledgerOf, objectsOf } from './objects.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
});
beforeEach(async () => {
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const limit = storageEntries.projectFile.maximumBytes;
const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n';
const formHeaders = () => ({
  ...bearer(world.acme.member.token),
  'content-type': 'multipart/form-data; boundary=b',
});
const form = (body: readonly (string | Buffer)[], announced?: number) => ({
  method: 'POST',
  path: '/api/projects/1/files',
  headers: {
    ...formHeaders(),
    ...(announced === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(announced) }),
  },
  body,
});
/** Asks for each piece when the one before it has been sent. */
function send(path: string, pieces: AsyncIterable<string | Buffer>): Promise<Response> {
  const body = Readable.toWeb(Readable.from(pieces, { objectMode: false })) as ReadableStream;
  return fetch(testApp.baseUrl + path, { method: 'POST', headers: formHeaders(), body, duplex: 'half' });
}
async function expectNothingLeft(tenant: TenantOfWorld) {
  expect(objectsOf(tenant)).toEqual([]);
  expect(await ledgerOf(tenant)).toEqual({ claimed: [], unclaimed: [] });
}
async function until(isSo: () => boolean | Promise<boolean>) {
  const tooLate = AbortSignal.timeout(30_000); // only so that a test that fails ends
  while (!(await isSo())) {
    tooLate.throwIfAborted();
    await setImmediate();
  }
}
/** Bytes on the disk, finished or not. */
function writtenOf(tenant: TenantOfWorld): number {
  return objectsOf(tenant).reduce((sum, object) => sum + statSync(join(folderOf(tenant), object)).size, 0);
}
async function* of(content: Buffer) {
  yield await Promise.resolve(content);
}

describe('an upload leaves no row and no object', () => {
  it.each([10, 100_000, 9_000_000])('when the client goes away after %i bytes', async (bytes) => {
    await abandon(testApp.baseUrl, form([head, picture('abandoned', bytes)], limit));
    await until(async () => (await ledgerOf(world.acme)).unclaimed.length === 0);
    await expectNothingLeft(world.acme);
    expect((await upload(world.acme.member, picture('whole', bytes))).status).toBe(201);
    expect(objectsOf(world.acme)).toHaveLength(1);
  });

  it.each<[string, number, () => readonly (string | Buffer)[]]>([
    ['its form does not end', 400, () => [head, picture('endless', 50_000)]],
    ['its form ends in the middle of the boundary', 400, () => [head, picture('endless'), '\r\n--']],
    ['there is a second file', 400, () => [head, picture('first'), `\r\n${head}`, picture('second'), '\r\n--b--\r\n']],
    ['there is a field after it', 400, () => [head, picture('first'), '\r\n--b\r\nContent-Disposition: form-data; name="project"\r\n\r\n2\r\n--b--\r\n']],
    ['it is one byte too large', 413, () => [head, picture('large', limit + 1), '\r\n--b--\r\n']],
    ['its content is a program', 415, () => [head, Buffer.from('7f454c4602010100', 'hex'), '\r\n--b--\r\n']],
    ['its text turns out to be none, at the end', 415, () => [head, 'text '.repeat(100_000), Buffer.from([0xc3]), '\r\n--b--\r\n']],
  ])('when %s (%i)', async (_, status, body) => {
    expect(await exchange(testApp.baseUrl, form(body()))).toMatchObject({ status });
    await expectNothingLeft(world.acme);
    const whole = form([head, picture('whole'), '\r\n--b--\r\n']);
    expect(await exchange(testApp.baseUrl, whole)).toMatchObject({ status: 201 });
  }); // prettier-ignore

  it('when it is larger by far; it is read to its end, for a client that listens only then', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const pieces = Array.from({ length: 50 }, () => picture('large', 1 << 20));
    const answer = await exchange(testApp.baseUrl, { ...form([head, ...pieces, '\r\n--b--\r\n']), agent });
    expect(answer.status).toBe(413);
    await expectNothingLeft(world.acme);
    const next = await exchange(testApp.baseUrl, { ...form([head, picture('whole'), '\r\n--b--\r\n']), agent });
    expect(next.status).toBe(201);
    agent.destroy();
  });

  it('when its project is deleted while it arrives', async () => {
    const { acme } = world;
    const { json } = await acme.admin.post('/api/projects', { name: 'short-lived' });
    const project = String((json as { number: number }).number);
    const body = async function* () {
      yield head;
      yield picture('late', 100_000);
      await until(() => objectsOf(acme).length > 0);
      expect((await acme.admin.delete(`/api/projects/${project}`)).status).toBe(204);
      yield '\r\n--b--\r\n';
    };
    const answer = await send(`/api/projects/${project}/files`, body());
    expect(answer.status).toBe(404);
    await expectNothingLeft(acme);
  });
});

it('an upload is written to the disk while it arrives, not when it has arrived', async () => {
  const { acme } = world;
  const half = picture('half', 5_000_000);
  const body = async function* () {
    yield head;
    yield half;
    await until(() => writtenOf(acme) > 4_900_000);
    expect(objectsOf(acme)).toEqual([expect.stringMatching(/\.part$/)]);
    expect(await ledgerOf(acme)).toMatchObject({ claimed: [] });
    yield half;
    yield '\r\n--b--\r\n';
  };
  const answer = await send('/api/projects/1/files', body());
  expect(answer.status).toBe(201);
  expect(objectsOf(acme)).toEqual((await ledgerOf(acme)).claimed);
});

describe('what a crash leaves behind', () => {
  const put = ({ member }: TenantOfWorld) =>
    member.run(() => testApp.get(TenantStorage).put(storageEntries.projectFile, of(picture('crashed'))));
  const sweep = () => testApp.get(StorageSweep).run();

  it('between the object and its row is removed after an hour, and not before; what has a row stays', async () => {
    const { acme, globex } = world;
    for (const tenant of [acme, globex]) {
      await put(tenant);
      expect((await upload(tenant.member, picture('kept'))).status).toBe(201);
    }
    await age(acme, '61 minutes');
    await age(globex, '59 minutes');
    await sweep();
    expect(objectsOf(acme)).toEqual((await ledgerOf(acme)).claimed);
    expect(await ledgerOf(acme)).toMatchObject({ claimed: [expect.anything()], unclaimed: [] });
    expect(objectsOf(globex)).toHaveLength(2);
    expect((await ledgerOf(globex)).unclaimed).toHaveLength(1);
  });

  it('and cannot be removed stays listed, and is in the way of nothing else', async () => {
    const { acme } = world;
    const [stuck, ...others] = [await put(acme), await put(acme), await put(acme)];
    await age(acme, '61 minutes');
    const path = join(folderOf(acme), stuck.objectId);
    rmSync(path);
    mkdirSync(join(path, 'a folder in its place'), { recursive: true });
    await withPostgres(adminUrl(), (client) =>
      client.query(`UPDATE unclaimed_objects SET since = 'epoch' WHERE object_id = $1`, [stuck.objectId]),
    );
    await expect(sweep()).resolves.toBeUndefined();
    expect(others).toHaveLength(2);
    expect(objectsOf(acme)).toEqual([stuck.objectId]);
    expect((await ledgerOf(acme)).unclaimed).toEqual([stuck.objectId]);
    rmSync(path, { recursive: true });
    await sweep();
    await expectNothingLeft(acme);
  });

  it('cannot be claimed any more once it has been swept, so that no row is without its object', async () => {
    const { acme } = world;
    const [swept, kept] = [await put(acme), await put(acme)];
    await withPostgres(adminUrl(), (client) =>
      client.query(`UPDATE unclaimed_objects SET since = since - interval '2 hours' WHERE object_id = $1`, [
        swept.objectId,
      ]),
    );
    await sweep();
    const claim = (objectId: string) =>
      acme.member.run(() =>
        testApp
          .get(TenantDatabase)
          .$transaction((transaction) => testApp.get(TenantStorage).claim(transaction, objectId)),
      );
    await expect(claim(swept.objectId)).rejects.toThrow(/nobody claimed it/);
    await claim(kept.objectId);
    expect(objectsOf(acme)).toEqual([kept.objectId]);
  });

  it('is seen by no other system work, and by this one only when it is old', async () => {
    await put(world.acme);
    await age(world.acme, '2 hours');
    await put(world.globex);
    const { rows } = await withPostgres(adminUrl(), async (client) => {
      await client.query('SET ROLE system');
      const seen = async (work: string) => {
        await client.query(`SELECT set_config('app.system_work', $1, false)`, [work]);
        return (await client.query<{ id: string }>('SELECT tenant_id AS id FROM unclaimed_objects')).rows.map(
          ({ id }) => id,
        );
      };
      return { rows: [await seen('login'), await seen('remove unclaimed objects')] as const };
    });
    expect(rows[0]).toEqual([]);
    expect(rows[1]).toContain(world.acme.id);
    expect(rows[1]).not.toContain(world.globex.id);
  });
});

it('a deleted file is removed from the disk at once', async () => {
  const { acme } = world;
  await upload(acme.member, picture('deleted'));
  expect(objectsOf(acme)).toHaveLength(1);
  await acme.member.delete('/api/projects/1/files/1');
  await expectNothingLeft(acme);
});

it('a deleted project’s files are out of reach at once, and off the disk with the sweep', async () => {
  const { acme } = world;
  await upload(acme.member, picture('of project 3'), { project: 3 });
  await upload(acme.member, picture('of project 1'));
  expect((await acme.admin.delete('/api/projects/3')).status).toBe(204);
  expect((await acme.admin.get('/api/projects/3/files/1/content')).status).toBe(404);
  const { claimed, unclaimed } = await ledgerOf(acme);
  expect([claimed.length, unclaimed.length]).toEqual([1, 1]);
  await age(acme, '61 minutes');
  await testApp.get(StorageSweep).run();
  expect(objectsOf(acme)).toEqual(claimed);
});

it('a deleted tenant’s files go, too', async () => {
  const { acme, globex } = world;
  for (const tenant of [acme, globex]) await upload(tenant.member, picture(tenant.marker));
  const [object = ''] = objectsOf(acme);
  await withPostgres(adminUrl(), async (client) => {
    await client.query('DELETE FROM projects WHERE tenant_id = $1', [acme.id]);
    await client.query('DELETE FROM tenants WHERE id = $1', [acme.id]);
  });
  await age(acme, '61 minutes');
  await testApp.get(StorageSweep).run();
  expect(existsSync(join(folderOf(acme), object))).toBe(false);
  expect(objectsOf(globex)).toHaveLength(1);
});
