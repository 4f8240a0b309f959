import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { storageEntries, TenantStorage } from '../../../src/isolation/storage/index.js';
import type { Answer } from '../../support/client.js';
import { contentPath, picture, upload } from '../../support/files.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type TenantOfWorld, type World } from '../../support/world.js';
import { comparable } from '../http/rows.js';
import { folderOf, ledgerOf, objectsOf } from './objects.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
});
beforeEach(async () => {
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const pictureOf = ({ marker }: TenantOfWorld) => picture(marker, 100_000);
const objectOf = async (tenant: TenantOfWorld) => join(folderOf(tenant), (await ledgerOf(tenant)).claimed[0] ?? '');

it('a number that both have is each tenant’s own file', async () => {
  const { acme, globex } = world;
  const uploads = [await upload(acme.member, pictureOf(acme)), await upload(globex.member, pictureOf(globex))];
  expect(uploads.map(({ json }) => (json as { number: number }).number)).toEqual([1, 1]);
  for (const [own, other] of [
    [acme, globex],
    [globex, acme],
    [acme, globex],
  ] as const) {
    const { status, text } = await own.viewer.get('/api/projects/1/files/1/content');
    expect(status).toBe(200);
    expect(text).toContain(own.marker);
    expect(text).not.toContain(other.marker);
  }
});

it.each<[string, string]>([
  ['GET', '/api/projects/{project}/files'],
  ['GET', '/api/projects/{project}/files/{file}'],
  ['GET', '/api/projects/{project}/files/{file}/content'],
  ['GET', '/api/projects/1/files/{file}/content'],
  ['POST', '/api/projects/{project}/files/{file}/link'],
  ['DELETE', '/api/projects/{project}/files/{file}'],
])('%s %s, which only the victim has: 404, as for what exists nowhere, and the file stays', async (method, path) => {
  const { acme } = world;
  const attacker = world.attackerOf(acme);
  await acme.admin.post('/api/projects', { name: 'only theirs' }); // number 4
  await upload(acme.member, pictureOf(acme), { project: path.includes('{project}') ? 4 : 1 });
  const send = (person: Person, project: string, file: string) =>
    person.send(method, path.replace('{project}', project).replace('{file}', file));

  const answer = await send(attacker, '4', '1');
  expect(answer).toMatchObject({ status: 404, json: { code: 'not-found' } });
  expect(comparable(answer)).toEqual(comparable(await send(attacker, '2147483647', '2147483647')));
  expect(objectsOf(acme)).toHaveLength(1);
  expect((await send(acme.admin, '4', '1')).status).toBeLessThan(300);
});

it('a file put into a project of the victim’s is stored nowhere', async () => {
  const { acme, globex } = world;
  await acme.admin.post('/api/projects', { name: 'only theirs' });
  const put = (person: Person) => upload(person, picture('planted'), { project: 4 });
  const absent = await upload(globex.admin, picture('planted'), { project: 2_147_483_647 });
  const answer = await put(globex.admin);
  expect(answer.status).toBe(404);
  expect(comparable(answer)).toEqual(comparable(absent));
  expect([objectsOf(acme), objectsOf(globex)]).toEqual([[], []]);
  expect((await put(acme.admin)).status).toBe(201);
});

it('equal contents uploaded at the same time by both are not shared: deleting one leaves the other', async () => {
  const { acme, globex } = world;
  const content = picture('the same in both', 200_000);
  const answers = await Promise.all([acme, globex].map(({ member }) => upload(member, content)));
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  const [ofAcme, ofGlobex] = [await ledgerOf(acme), await ledgerOf(globex)];
  expect(ofAcme.claimed).not.toEqual(ofGlobex.claimed);
  expect([objectsOf(acme), objectsOf(globex)]).toEqual([ofAcme.claimed, ofGlobex.claimed]);

  expect((await acme.member.delete('/api/projects/1/files/1')).status).toBe(204);
  expect([objectsOf(acme), objectsOf(globex)]).toEqual([[], ofGlobex.claimed]);
  expect((await globex.viewer.get('/api/projects/1/files/1/content')).text).toContain('the same in both');
});

it('the room finds no object of another tenant’s, and removes none, also by its id', async () => {
  const { acme, globex } = world;
  const storage = testApp.get(TenantStorage);
  const stored = await acme.member.run(() => storage.put(storageEntries.projectFile, of(pictureOf(acme))));
  const open = (person: Person) =>
    person.run(async () => {
      const content = await storage.open(stored);
      content?.destroy();
      return content !== null;
    });
  await globex.admin.run(() => storage.discard(stored.objectId));
  expect([await open(globex.admin), await open(acme.member)]).toEqual([false, true]);
  await acme.member.run(() => storage.discard(stored.objectId));
  expect(await open(acme.member)).toBe(false);
});

describe('what lies in a file’s place on the disk', () => {
  /** Reads to the end, or until the connection breaks. */
  const download = (person: Person, uploaded: Answer) =>
    person.get(contentPath(uploaded)).catch((error: unknown) => error as Error);

  it('and is another tenant’s object, copied there, is not sent: the alarm is raised', async () => {
    const { acme, globex } = world;
    const uploaded = await upload(acme.member, pictureOf(acme));
    await upload(globex.member, pictureOf(globex));
    const [victim, place] = [await objectOf(globex), await objectOf(acme)];
    const own = readFileSync(place);
    copyFileSync(victim, place);
    const count = () => testApp.get(SecurityEvents).count('storage', 'misplaced object');
    const before = count();
    const answer = await download(acme.viewer, uploaded);
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal' } });
    expect((answer as Answer).text).not.toContain(globex.marker);
    expect((answer as Answer).text).not.toContain(folderOf(acme));
    expect(count()).toBe(before + 1);
    writeFileSync(place, own);
    expect(await download(acme.viewer, uploaded)).toMatchObject({ status: 200 });
  });

  it.each<[string, (content: Buffer) => Buffer]>([
    ['has been altered', (content) => (content.write('altered', content.length - 7), content)],
    ['lacks its end', (content) => content.subarray(0, -1)],
    ['has more at its end', (content) => Buffer.concat([content, Buffer.from('more')])],
  ])('and %s, never arrives as a whole file', async (_, alter) => {
    const { acme } = world;
    const uploaded = await upload(acme.member, pictureOf(acme));
    const place = await objectOf(acme);
    const own = readFileSync(place);
    writeFileSync(place, alter(Buffer.from(own)));
    expect(await download(acme.viewer, uploaded)).toMatchObject({ name: 'TypeError', message: 'terminated' });
    writeFileSync(place, own);
    expect(await download(acme.viewer, uploaded)).toMatchObject({ status: 200 });
  });

  it.each<[string, Buffer]>([
    ['nothing at all', Buffer.alloc(0)],
    ['less than a seal', Buffer.from('short')],
    ['a content without a seal', picture('without a seal', 1000)],
  ])('and is %s, is not sent', async (_, content) => {
    const { acme } = world;
    const uploaded = await upload(acme.member, pictureOf(acme));
    writeFileSync(await objectOf(acme), content);
    expect(await download(acme.viewer, uploaded)).toMatchObject({ status: 500 });
  });

  it('and cannot be read, is told with a 503, and nobody else is the worse for it', async () => {
    const { acme, globex } = world;
    const [uploaded, other] = [await upload(acme.member, 'text'), await upload(globex.member, 'text')];
    const place = await objectOf(acme);
    rmSync(place);
    mkdirSync(place); // which can be opened: it is the reading that fails
    const answer = await download(acme.viewer, uploaded);
    expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } });
    expect(await download(globex.viewer, other)).toMatchObject({ status: 200 });
  });
});

async function* of(content: Buffer) {
  yield await Promise.resolve(content);
}
