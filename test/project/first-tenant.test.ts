import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { projectRoot } from '../../scripts/services/local-directory.js';
import { Client } from '../support/client.js';
import { adminUrl, withPostgres } from '../support/postgres.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

// `npm run db -- tenant`: how a database that was never seeded gets its first tenant.

let testApp: TestApp;
beforeAll(async () => {
  testApp = await startTestApp();
});
afterAll(() => testApp.close());

const password = 'a passphrase of the first admin';
const slugOfItsOwn = () => `first-${randomUUID().slice(0, 8)}`;

function run(given: readonly string[], input: string) {
  const loader = ['--disable-warning=ExperimentalWarning', '--import', '@swc-node/register/esm-register'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...loader, 'scripts/database/cli.ts', 'tenant', ...given],
    { cwd: projectRoot, encoding: 'utf8', input },
  );
  return { status, stdout, stderr };
}

const login = (email: string, word: string, tenant: string) =>
  new Client(testApp.baseUrl).post('/api/auth/login', { email, password: word, tenant });

async function membersOf(slug: string): Promise<unknown[]> {
  const { rows } = await withPostgres(adminUrl(), (client) =>
    client.query('SELECT email FROM memberships JOIN tenants ON tenants.id = tenant_id WHERE slug = $1', [slug]),
  );
  return rows as unknown[];
}

it('its admin logs in with the password from standard input, and may do what an admin may', async () => {
  const slug = slugOfItsOwn();
  expect(run([slug, 'First Ltd', `Ada@${slug}.example`], `${password}\n`)).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining(`Created tenant "${slug}"`) as string,
  });
  const { status, json } = await login(`ada@${slug}.example`, password, slug);
  expect([status, json]).toMatchObject([200, { tenant: { slug, name: 'First Ltd' } }]);
  const admin = new Client(testApp.baseUrl, json.access_token as string);
  expect((await admin.get('/api/me')).json).toMatchObject({ role: 'admin' });
  expect((await admin.post('/api/projects', { name: 'The first' })).json).toMatchObject({ number: 1 });
  expect((await login(`ada@${slug}.example`, `${password}!`, slug)).status).toBe(401);
});

it('a tenant that is there is not touched: nobody is added to it', async () => {
  const slug = slugOfItsOwn();
  expect(run([slug, 'First Ltd', `ada@${slug}.example`], password).status).toBe(0);
  const again = run([slug, 'Second Ltd', `eve@${slug}.example`], password);
  expect(again).toMatchObject({ status: 1, stdout: '' });
  expect(again.stderr).toContain(`There is a tenant "${slug}" already`);
  expect(await membersOf(slug)).toEqual([{ email: `ada@${slug}.example` }]);
});

it('somebody who is known keeps their password, and is told so', async () => {
  const [first, second] = [slugOfItsOwn(), slugOfItsOwn()];
  const email = `ada@${first}.example`;
  expect(run([first, 'First Ltd', email], password).stdout).not.toContain('keeps the password');
  expect(run([second, 'Second Ltd', email], 'another passphrase').stdout).toContain('keeps the password');
  expect((await login(email, 'another passphrase', second)).status).toBe(401);
  expect((await login(email, password, second)).status).toBe(200);
});

it.each<[string, readonly string[], string, string]>([
  ['nothing', [], password, 'Usage: npm run db -- tenant'],
  ['a password among its arguments', ['SLUG', 'First Ltd', 'ada@first.example', password], password, 'Usage: '],
  ['a short name that cannot stand in a URL', ['Not A Slug', 'First Ltd', 'ada@first.example'], password, 'slug: must'],
  ['an address that is none', ['SLUG', 'First Ltd', 'ada.example'], password, 'email: must be an e-mail address'],
  ['a password that the API would refuse', ['SLUG', 'First Ltd', 'ada@first.example'], 'short', 'password: Too small'],
  ['no password', ['SLUG', 'First Ltd', 'ada@first.example'], '', 'No password was given'],
  ['a short name of the canary', ['canary-1041-a', 'First Ltd', 'ada@first.example'], password, 'reserved'],
])('refused, saying why: %s', async (_, given, input, complaint) => {
  const slug = slugOfItsOwn();
  const { status, stdout, stderr } = run(
    given.map((word) => (word === 'SLUG' ? slug : word)),
    input,
  );
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(complaint);
  expect(stderr).not.toContain(password);
  expect(await membersOf(slug)).toEqual([]);
});
