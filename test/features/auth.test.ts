import { randomUUID } from 'node:crypto';
import { comparable } from '../isolation/http/rows.js';
import { addMember } from '../isolation/http/people.js';
import { Client } from '../support/client.js';
import { adminUrl, withPostgres } from '../support/postgres.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, password, type World } from '../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly tenant?: string;
}
const login = (credentials: Credentials) => world.anonymous.post('/api/auth/login', credentials);
const nobody = () => login({ email: `${randomUUID()}@example`, password });
const asSuperuser = (statement: string, ...values: string[]) =>
  withPostgres(adminUrl(), async (client) => (await client.query(statement, values)).rows as unknown[]);

describe('a login', () => {
  it('answers with a token that works, how long it does, and the tenant it is for', async () => {
    const { member, id, slug, marker } = world.acme;
    const { status, json } = await login({ email: member.email, password });
    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as unknown,
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as unknown,
      tenant: { id, slug, name: `Tenant ${marker}` },
    });
    const { access_token: token } = json as { access_token: string };
    expect((await new Client(testApp.baseUrl, token).get('/api/projects/1')).text).toContain(marker);
  });

  it.each(['viewer', 'member', 'admin'] as const)('gives a %s the rights of one', async (role) => {
    const { json } = await login({ email: world.acme[role].email, password });
    const client = new Client(testApp.baseUrl, (json as { access_token: string }).access_token);
    expect((await client.post('/api/projects', { name: 'new' })).status).toBe(role === 'viewer' ? 403 : 201);
    expect((await client.delete(`/api/members/${randomUUID()}`)).status).toBe(role === 'admin' ? 404 : 403);
  });

  it('does not mind how the e-mail is capitalised, and minds the password', async () => {
    const { email } = world.acme.member;
    expect((await login({ email: email.toUpperCase(), password })).status).toBe(200);
    expect((await login({ email, password: password.toUpperCase() })).status).toBe(401);
  });

  it('with wrong fields names every one of them', async () => {
    const { status, json } = await world.anonymous.post('/api/auth/login', { email: 'a', password: 7, tenant: '' });
    expect(status).toBe(400);
    const paths = (json as { errors: { path: string }[] }).errors.map(({ path }) => path);
    expect(paths).toEqual(['email', 'password', 'tenant']);
  });
});

describe('a login is refused, in the same words as nobody’s, for', () => {
  it.each<[string, () => Credentials]>([
    ['a wrong password', () => ({ email: world.acme.member.email, password: 'wrong' })],
    ['a password with a space after it', () => ({ email: world.acme.member.email, password: `${password} ` })],
    [
      'a tenant one does not belong to',
      () => ({ email: world.acme.member.email, password, tenant: world.globex.slug }),
    ],
    ['a tenant there is not', () => ({ email: world.acme.member.email, password, tenant: randomUUID() })],
    ['a tenant by its id', () => ({ email: world.acme.member.email, password, tenant: world.acme.id })],
  ])('%s', async (_, wrong) => {
    const refused = await login(wrong());
    expect(refused).toMatchObject({ status: 401, json: { code: 'wrong-credentials' } });
    expect(comparable(refused)).toEqual(comparable(await nobody()));
    expect((await login({ email: wrong().email, password, tenant: world.acme.slug })).status).toBe(200);
  });

  it('a suspended tenant', async () => {
    const { globex } = await createWorld(testApp);
    const credentials = { email: globex.admin.email, password, tenant: globex.slug };
    expect((await login(credentials)).status).toBe(200);
    await asSuperuser("UPDATE tenants SET status = 'suspended' WHERE id = $1", globex.id);
    expect(comparable(await login(credentials))).toEqual(comparable(await nobody()));
    await asSuperuser("UPDATE tenants SET status = 'active' WHERE id = $1", globex.id);
    expect((await login(credentials)).status).toBe(200);
  });

  it('a removed member, who stays in the other tenant', async () => {
    const { acme, globex } = world;
    const { email, userId } = await addMember(testApp, acme, 'member');
    await addMember(testApp, globex, 'member', email);
    const enter = (tenant: string) => login({ email, password, tenant });
    expect((await enter(acme.slug)).status).toBe(200);
    await asSuperuser(
      "UPDATE memberships SET status = 'removed' WHERE tenant_id = $1 AND user_id = $2",
      acme.id,
      userId,
    );
    expect(comparable(await enter(acme.slug))).toEqual(comparable(await nobody()));
    expect((await enter(globex.slug)).status).toBe(200);
    expect((await login({ email, password })).json).toMatchObject({ tenant: { id: globex.id } });
  });
});

it('who belongs to two tenants must choose one, and then sees that one', async () => {
  const { acme, globex } = world;
  const { email } = await addMember(testApp, acme, 'member');
  await addMember(testApp, globex, 'viewer', email);
  expect(await login({ email, password })).toMatchObject({
    status: 400,
    json: { code: 'tenant-choice-required', tenants: [acme.slug, globex.slug] },
  });
  expect(comparable(await login({ email, password: 'wrong' }))).toEqual(comparable(await nobody()));
  for (const tenant of [acme, globex]) {
    const { json } = await login({ email, password, tenant: tenant.slug });
    const client = new Client(testApp.baseUrl, (json as { access_token: string }).access_token);
    expect((await client.get('/api/tenant')).json).toMatchObject({ id: tenant.id });
    expect((await client.get('/api/projects/1')).text).toContain(tenant.marker);
    expect((await client.post('/api/projects', { name: 'new' })).status).toBe(tenant === acme ? 201 : 403);
  }
});

describe('passwords', () => {
  it('are kept as argon2id, with the parameters that OWASP names, and each with a salt of its own', async () => {
    const emails = [world.acme.admin.email, world.acme.member.email]; // who have the same password
    const rows = await asSuperuser('SELECT password_hash FROM users WHERE email IN ($1, $2)', ...emails);
    const hashes = (rows as { password_hash: string }[]).map(({ password_hash: hash }) => hash);
    for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(new Set(hashes).size).toBe(2);
  });

  it('take as long to be refused when there is nobody by that name', async () => {
    const durations = { wrong: [] as number[], unknown: [] as number[] };
    const measure = async (kind: keyof typeof durations, email: string) => {
      const start = performance.now();
      expect((await login({ email, password: 'wrong' })).status).toBe(401);
      durations[kind].push(performance.now() - start);
    };
    const measureBoth = async () => {
      await measure('wrong', world.acme.member.email);
      await measure('unknown', `${randomUUID()}@example`);
    };
    await measureBoth(); // the first of all opens connections
    durations.wrong = [];
    durations.unknown = [];
    for (let attempt = 0; attempt < 9; attempt += 1) await measureBoth();
    const ratio = median(durations.unknown) / median(durations.wrong);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
