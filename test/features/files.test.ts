import { createHash } from 'node:crypto';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { contentPath, picture, upload } from '../support/files.js';
import { createWorld, type World } from '../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const megabyte = 1024 * 1024;
async function download(path: string, token?: string) {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(testApp.baseUrl + path, { headers });
  return { status: response.status, headers: response.headers, content: Buffer.from(await response.arrayBuffer()) };
}

it('a file is uploaded, listed, downloaded as it was, and deleted', async () => {
  const { member, viewer } = world.acme;
  const content = picture('any', 3 * megabyte);
  const uploaded = await upload(member, content, { project: 2, name: 'Plan.png', type: 'text/html' });
  expect(uploaded).toMatchObject({ status: 201, json: { number: 1, projectNumber: 2, name: 'Plan.png' } });
  expect(uploaded.json).toEqual({
    number: 1,
    projectNumber: 2,
    name: 'Plan.png',
    contentType: 'image/png',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    createdBy: member.identity.userId,
    createdAt: expect.stringMatching(/Z$/) as unknown,
  });
  expect((await viewer.get('/api/projects/2/files')).json).toEqual({ items: [uploaded.json], nextCursor: null });
  expect((await viewer.get('/api/projects/2/files/1')).json).toEqual(uploaded.json);
  const downloaded = await download(contentPath(uploaded), viewer.token);
  expect(downloaded.status).toBe(200);
  expect(downloaded.content.equals(content)).toBe(true);
  expect(Object.fromEntries(downloaded.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-length': String(content.length),
    'content-disposition': 'attachment; filename=Plan.png',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  });
  expect((await member.delete('/api/projects/2/files/1')).status).toBe(204);
  expect((await viewer.get('/api/projects/2/files/1')).status).toBe(404);
  expect((await download(contentPath(uploaded), viewer.token)).status).toBe(404);
});
