import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import type { Page } from '../../src/common/pagination.js';
import { storageEntries } from '../../src/isolation/storage/index.js';
import { contentPath, picture, upload } from '../support/files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type World } from '../support/world.js';
import { wrongFields } from './problem.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const limit = storageEntries.projectFile.maximumBytes;
async function download(path: string) {
  const headers = { authorization: `Bearer ${String(world.acme.viewer.token)}` };
  const response = await fetch(testApp.baseUrl + path, { headers });
  return { status: response.status, headers: response.headers, content: Buffer.from(await response.arrayBuffer()) };
}

it('a file is uploaded, shown, downloaded as it was, and deleted', async () => {
  const { member, viewer } = world.acme;
  const content = picture('any', 3_000_000);
  const uploaded = await upload(member, content, { project: 2, name: 'Plan.png' });
  expect(uploaded.status).toBe(201);
  const path = `/api/projects/2/files/${String((uploaded.json as { number: number }).number)}`;
  expect(uploaded.json).toEqual({
    number: expect.any(Number) as unknown,
    projectNumber: 2,
    name: 'Plan.png',
    contentType: 'image/png',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    createdBy: member.identity.userId,
    createdAt: expect.stringMatching(/Z$/) as unknown,
  });
  expect((await viewer.get(path)).json).toEqual(uploaded.json);
  const downloaded = await download(`${path}/content`);
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
  expect((await member.delete(path)).status).toBe(204);
  for (const gone of [path, `${path}/content`]) expect((await viewer.get(gone)).status).toBe(404);
  expect((await member.delete(path)).status).toBe(404);
});

it('files are listed by project, oldest first, page by page', async () => {
  const names = ['one', 'two', 'three'];
  for (const name of names) await upload(world.acme.member, name, { project: 3, name });
  const pageOf = async (query: string) =>
    (await world.acme.viewer.get(`/api/projects/3/files?${query}`)).json as Page<{ name: string }>;
  const first = await pageOf('limit=2');
  const second = await pageOf(`limit=2&cursor=${String(first.nextCursor)}`);
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(names);
  expect(second.nextCursor).toBeNull();
  expect((await world.acme.viewer.get('/api/projects/99/files')).status).toBe(404);
});

it('a viewer reads, and neither uploads, nor deletes, nor gives links away; a member does', async () => {
  const { member, viewer } = world.acme;
  const path = contentPath(await upload(member, 'text')).replace('/content', '');
  expect((await upload(viewer, 'text')).status).toBe(403);
  expect((await viewer.post(`${path}/link`, {})).status).toBe(403);
  expect((await viewer.delete(path)).status).toBe(403);
  expect((await viewer.get(`${path}/content`)).text).toBe('text');
  expect((await member.post(`${path}/link`, {})).status).toBe(201);
  expect((await member.delete(path)).status).toBe(204);
});

describe('a name', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\fakepath\\plan.png', 'plan.png'],
    ['a'.repeat(255), 'a'.repeat(255)],
    ['年度計画 📈 übersicht.txt', '年度計画 📈 übersicht.txt'],
    ["it's; filename=evil.exe", "it's; filename=evil.exe"],
    ['.htaccess', '.htaccess'],
    ['%2e%2e%2fetc%2fpasswd', '%2e%2e%2fetc%2fpasswd'],
    ['<script>alert(1)</script>.txt', 'script>.txt'],
    ["'; DROP TABLE files; --", "'; DROP TABLE files; --"],
  ])('%s is kept and given back as %s, in a header that nothing is added to', async (name, kept) => {
    const uploaded = await upload(world.acme.member, 'text', { name });
    expect(uploaded).toMatchObject({ status: 201, json: { name: kept } });
    const { headers } = await download(contentPath(uploaded));
    const disposition = headers.get('content-disposition') ?? '';
    const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
    const plain = /filename="?((?:\\.|[^"\\])*)"?$/.exec(disposition)?.[1]?.replaceAll(/\\(.)/g, '$1');
    expect(encoded === undefined ? plain : decodeURIComponent(encoded)).toBe(kept);
    expect(disposition).toMatch(/^attachment; filename/);
    expect(headers.get('content-type')).toBe('text/plain');
  });

  it.each<[string, string]>([
    ['none', 'filename=""'],
    ['only of folders', 'filename="../.."'],
    ['of 256 characters', `filename="${'a'.repeat(256)}"`],
    ['with NUL', `filename*=UTF-8''a%00b`],
    ['with a line break, as if to add a header', `filename*=UTF-8''a%0d%0aset-cookie:%20a=b`],
    ['with a control character', `filename*=UTF-8''a%1bb`],
  ])('that is %s is refused, and the answer names the field', async (_, parameter) => {
    const body = (disposition: string) =>
      `--b\r\nContent-Disposition: form-data; name="file"; ${disposition}\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b--\r\n`;
    const send = (disposition: string) =>
      world.acme.member.send('POST', '/api/projects/1/files', body(disposition), {
        'content-type': 'multipart/form-data; boundary=b',
      });
    const answer = await send(parameter);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid-input' } });
    expect(new Set(wrongFields(answer.json))).toEqual(new Set(['file']));
    expect((await send('filename="a"')).status).toBe(201);
  });
});

describe('what a file is', () => {
  const bytes = (hex: string) => Buffer.from(hex, 'hex');
  it.each<[string, Buffer | string, string]>([
    ['PNG', picture('x'), 'image/png'],
    ['JPEG', bytes('ffd8ffe000104a464946000101'), 'image/jpeg'],
    ['GIF', 'GIF89a\0\0', 'image/gif'],
    ['WebP', Buffer.concat([Buffer.from('RIFF'), bytes('24000000'), Buffer.from('WEBPVP8 ')]), 'image/webp'],
    ['PDF', Buffer.concat([Buffer.from('%PDF-1.7\n%'), bytes('e2e3cfd3')]), 'application/pdf'],
    ['ZIP, as office documents are', bytes('504b030414000600080000002100'), 'application/zip'],
    ['text', 'Grüße, 年度 📈\r\n\t', 'text/plain'],
    ['nothing', '', 'text/plain'],
    ['HTML', '<!doctype html><script>alert(1)</script>', 'text/plain'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'text/plain'],
  ])('is told by its content: %s', async (_, content, contentType) => {
    for (const type of ['text/html', 'image/png', 'application/x-msdownload']) {
      const uploaded = await upload(world.acme.member, content, { name: 'page.html', type });
      expect(uploaded).toMatchObject({ status: 201, json: { contentType } });
      const { headers, content: downloaded } = await download(contentPath(uploaded));
      expect(headers.get('content-type')).toBe(contentType);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-disposition')).toMatch(/^attachment/);
      expect(downloaded.equals(Buffer.from(content))).toBe(true);
    }
  });

  it.each<[string, Buffer]>([
    ['a program of Linux', bytes('7f454c460201010000000000')],
    ['a program of Windows', Buffer.concat([Buffer.from('MZ'), bytes('90000300000004000000ffff')])],
    ['gzip', gzipSync('text')],
    ['nearly a PNG', bytes('89504e470d0a1a0b0000000d')],
    ['RIFF that is not WebP', Buffer.concat([Buffer.from('RIFF'), bytes('24000000'), Buffer.from('WAVEfmt ')])],
    ['text in Latin-1', bytes('4772fcdf65')],
    ['text in UTF-16', Buffer.from('text', 'utf16le')],
    ['text with NUL', Buffer.from('te\0xt')],
    ['text that breaks off within a character', bytes('746578e2 82'.replace(' ', ''))],
  ])('and is refused when that is %s, whatever it is declared to be', async (_, content) => {
    for (const [name, type] of [
      ['a.png', 'image/png'],
      ['a.txt', 'text/plain'],
    ] as const) {
      const answer = await upload(world.acme.member, content, { name, type });
      expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported-file-type' } });
      expect((await upload(world.acme.member, picture('x'), { name, type })).status).toBe(201);
    }
  });
});

it('a file of exactly 10 MiB is taken, and one byte more is not', async () => {
  const { member } = world.acme;
  expect(limit).toBe(10_485_760);
  const [largest, larger] = [picture('large', limit), picture('large', limit + 1)];
  expect(await upload(member, largest)).toMatchObject({ status: 201, json: { size: limit } });
  expect(await upload(member, larger)).toMatchObject({ status: 413, json: { code: 'payload-too-large' } });
});

/** Of buffers, without those that wait for the garbage collector. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}

it('downloads that nobody reads are not read ahead: twenty of 10 MB hold less than four of them would', async () => {
  const path = contentPath(await upload(world.acme.member, picture('large', 10_000_000)));
  const headers = { authorization: `Bearer ${String(world.acme.viewer.token)}` };
  const before = heldBytes();
  const downloads = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const download = request(testApp.baseUrl + path, { headers, agent: false }).end();
      download.on('error', () => undefined); // it is broken off below
      const [response] = (await once(download, 'response')) as [IncomingMessage];
      await once(response, 'readable');
      return { download, status: response.statusCode };
    }),
  );
  const held = heldBytes() - before;
  for (const { download } of downloads) download.destroy();
  expect(new Set(downloads.map(({ status }) => status))).toEqual(new Set([200]));
  expect(held).toBeLessThan(40_000_000);
});

describe('a form', () => {
  const send = (form: FormData, path = '/api/projects/1/files') => world.acme.member.send('POST', path, form);
  const formOf = (...fields: readonly (readonly [string, string | Blob])[]) => {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    return form;
  };
  const file = new Blob(['text']);

  it.each<[string, FormData, string]>([
    ['without anything', formOf(), 'invalid-input'],
    ['with a text instead of a file', formOf(['file', 'text']), 'malformed-request'],
    ['with a file by another name', formOf(['document', file]), 'invalid-input'],
    ['with a file called __proto__', formOf(['__proto__', file]), 'malformed-request'],
    ['with a field before the file', formOf(['a', 'b'], ['file', file]), 'malformed-request'],
    ['with two files', formOf(['file', file], ['file', file]), 'malformed-request'],
  ])('%s is refused', async (_, form, code) => {
    const answer = await send(form);
    expect(answer).toMatchObject({ status: 400, json: { code } });
    expect((await send(formOf(['file', file]))).status).toBe(201);
  });

  it('is taken by no other route, and nothing else by this one', async () => {
    const unsupported = { status: 415, json: { code: 'unsupported-media-type' } };
    for (const path of ['/api/projects', '/api/projects/1/tasks', '/api/auth/login', '/api/projects/1/files/1/link'])
      expect(await send(formOf(['name', 'name']), path)).toMatchObject(unsupported);
    const { member } = world.acme;
    expect(await member.post('/api/projects/1/files', { file: 'text' })).toMatchObject(unsupported);
    expect((await member.send('POST', '/api/projects/1/files')).status).toBe(415);
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/mixed; boundary=b']) {
      const { status } = await member.send('POST', '/api/projects/1/files', '--b--', { 'content-type': type });
      expect([400, 415]).toContain(status);
    }
    expect((await send(formOf(['file', file]))).status).toBe(201);
  });
});
