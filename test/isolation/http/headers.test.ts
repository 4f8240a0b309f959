import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, password, type World } from '../../support/world.js';
import { bearer, exchange, json, type WireAnswer, type WireRequest } from './wire.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

interface Sender {
  readonly admin: string;
  readonly viewer: string;
  /** A project that may be removed. */
  readonly removable: number;
}
type Make = (sender: Sender) => WireRequest;
const get =
  (path: string): Make =>
  ({ admin }) => ({ path, headers: bearer(admin) });
const post =
  (body: unknown, path = '/api/projects'): Make =>
  ({ admin }) => ({ method: 'POST', path, ...json(body, admin) });

/** One request for every kind of answer there is. */
const answers: readonly (readonly [string, number, Make])[] = [
  ['a row', 200, get('/api/projects/1/tasks/1')],
  ['a row that may come from the cache', 200, get('/api/projects/1')],
  ['the sender’s own row, that may come from the cache', 200, get('/api/me')],
  ['a list', 200, get('/api/projects')],
  ['HEAD', 200, (sender) => ({ ...get('/api/projects/1')(sender), method: 'HEAD' })],
  ['a row just created', 201, post({ name: 'created' })],
  ['nothing, after a removal', 204, (sender) => ({ ...get(`/api/projects/${String(sender.removable)}`)(sender), method: 'DELETE' })],
  ['wrong input', 400, post({})],
  ['a body that is no JSON', 400, post('{')],
  ['no token', 401, () => ({ path: '/api/projects/1' })],
  ['wrong credentials', 401, post({ email: 'nobody@example', password }, '/api/auth/login')],
  ['a role that may not', 403, ({ viewer }) => ({ method: 'POST', path: '/api/projects', ...json({}, viewer) })],
  ['a row that is not there', 404, get('/api/projects/2147483647')],
  ['a route that is not there', 404, get('/api/nowhere')],
  ['a method that is not there', 404, (sender) => ({ ...get('/api/projects')(sender), method: 'TRACE' })],
  ['a body that is too large', 413, post({ name: 'a'.repeat(70_000) })],
  ['a body of another type', 415, (sender) => ({ method: 'POST', path: '/api/projects', body: ['a'], headers: { ...bearer(sender.admin), 'content-type': 'text/csv' } })],
  ['liveness', 200, get('/health/live')],
  ['readiness', 200, get('/health/ready')],
]; // prettier-ignore

async function answerTo(make: Make, headers: Record<string, string> = {}): Promise<WireAnswer> {
  const { admin, viewer } = world.acme;
  const { number } = (await admin.post('/api/projects', { name: 'removable' })).json as { number: number };
  const request = make({ admin: admin.token ?? '', viewer: viewer.token ?? '', removable: number });
  return exchange(testApp.baseUrl, { ...request, headers: { ...request.headers, ...headers } });
}

const conditions: readonly Record<string, string>[] = [
  { 'if-none-match': '"anything", W/"anything"' },
  { 'if-modified-since': new Date(Date.now() + 86_400_000).toUTCString() },
];

describe.each([...answers, ['a path that is no URL', 400, get('/%')] as const])('%s (%i)', (what, status, make) => {
  const isTagged = status === 200 && !['liveness', 'readiness'].includes(what);

  it('is private and never stored', async () => {
    const answer = await answerTo(make);
    expect(answer.status).toBe(status);
    expect(answer.headers['cache-control']).toBe('private, no-store');
  });

  it('is answered in full whatever is claimed to be known of it; an ETag it has only as a reader’s own', async () => {
    for (const condition of conditions) {
      const answer = await answerTo(make, condition);
      expect(answer.status).toBe(status);
      expect(answer.headers).not.toHaveProperty('last-modified');
      if (!isTagged) expect(answer.headers).not.toHaveProperty('etag');
      else expect(answer.headers.etag).toMatch(/^"[\w-]{43}"$/);
    }
  });

  it('does not say what it was made with', async () => {
    const { headers } = await answerTo(make);
    expect(headers).toHaveProperty('cache-control');
    for (const name of ['server', 'x-powered-by', 'via']) expect(headers).not.toHaveProperty([name]);
  });
});

describe.each(answers)('%s (%i)', (_, status, make) => {
  it('has an id of ours, whatever the client sends, and a new one each time', async () => {
    const chosen = { 'x-request-id': '00000000-0000-4000-8000-000000000000', 'request-id': 'theirs' };
    const ids = [];
    for (const headers of [{}, chosen, chosen]) ids.push((await answerTo(make, headers)).headers['x-request-id']);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(id).not.toBe(chosen['x-request-id']);
    }
  });

  it('carries the headers of helmet', async () => {
    const answer = await answerTo(make);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'strict-transport-security': expect.stringContaining('max-age=') as unknown,
      'content-security-policy': expect.stringContaining("default-src 'self'") as unknown,
    });
  });
});
