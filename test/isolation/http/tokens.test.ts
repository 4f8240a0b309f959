import { createHmac, randomUUID } from 'node:crypto';
import { problems } from '../../../src/common/errors.js';
import { variable } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { comparable } from './rows.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

type Claims = Record<string, unknown>;
const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow;
const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Made by hand, because libraries refuse to make most of what is tried here. */
function sign(claims: unknown, header: object = {}, hash = 'sha256', key = variable('JWT_SECRET')): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

const claimsOf = ({ identity }: World['acme']['admin']): Claims => ({
  sub: identity.userId,
  tenant: identity.tenantId,
  session: identity.sessionId,
  role: identity.role,
  iss: 'project-1041',
  aud: 'project-1041/api',
  iat: seconds(0),
  exp: seconds(60),
});
const otherKey = 'another key, of 32 characters or more';
const without = (claims: Claims, name: string) =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
const withSignatureOf = (token: string, claims: Claims) => {
  const [header = '', , signature = ''] = token.split('.');
  return `${header}.${encode(claims)}.${signature}`;
};

const ask = (headers: Record<string, string>, path = '/api/projects/1') => world.anonymous.get(path, headers);
const askWith = (token: string) => ask({ authorization: `Bearer ${token}` });
const refusal = { status: 401, json: { code: 'unauthenticated', ...problems.unauthenticated } };

const wrongValues: readonly (readonly [string, readonly unknown[]])[] = [
  ['sub', [null, 7, 'admin', ['a'], {}]],
  ['tenant', [null, 7, 'acme', '', ['a'], {}, true]],
  ['session', [null, 7, 'session', {}]],
  ['role', [null, 2, 'owner', 'Admin', 'admin ', ['admin'], { admin: true }]],
  ['iss', [null, 'somebody else', 'project-1041 ', ['project-1041']]],
  ['aud', [null, 'project-1041', 'project-1041/api/', ['another'], {}]],
  ['exp', [null, 'tomorrow', String(seconds(60)), {}]],
  ['nbf', [seconds(60), 'yesterday']],
];

describe('a token is refused, in the same words as none at all, when', () => {
  it.each<[string, (claims: Claims) => string]>([
    ['it is no token', () => 'not-a-token'],
    ['its parts are no JSON', () => 'a.b.c'],
    ['it has no signature', (claims) => sign(claims).replace(/[^.]+$/, '')],
    ['a part is missing', (claims) => sign(claims).replace(/\.[^.]+$/, '')],
    [
      'a character of its signature is another',
      (claims) => sign(claims).replace(/.(.{8})$/, (end) => (end[0] === 'A' ? 'B' : 'A') + end.slice(1)),
    ],
    ['it says that it needs no signature', (claims) => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`],
    ['it says so, and is signed', (claims) => sign(claims, { alg: 'none' })],
    ['it says so in capitals', (claims) => `${encode({ alg: 'NONE', typ: 'JWT' })}.${encode(claims)}.`],
    ['it is signed with another key', (claims) => sign(claims, {}, 'sha256', otherKey)],
    ['it is signed with an empty key', (claims) => sign(claims, {}, 'sha256', '')],
    [
      'it brings its own key',
      (claims) => sign(claims, { jwk: { kty: 'oct', k: encode(otherKey) }, kid: otherKey }, 'sha256', otherKey),
    ],
    ['it is HS512 with the right key', (claims) => sign(claims, { alg: 'HS512' }, 'sha512')],
    ['it says HS256 and is HS512', (claims) => sign(claims, {}, 'sha512')],
    ['it says RS256 and is HS256', (claims) => sign(claims, { alg: 'RS256' })],
    ['it has expired', (claims) => sign({ ...claims, exp: seconds(-1) })],
    ['it is not valid yet', (claims) => sign({ ...claims, nbf: seconds(60) })],
    ['it claims nothing', () => sign({})],
    ['its claims are a list', (claims) => sign([claims])],
    [
      'it has been given another tenant since it was signed',
      (claims) => withSignatureOf(sign(claims), { ...claims, tenant: world.acme.id }),
    ],
    [
      'it has been given another role since it was signed',
      (claims) => withSignatureOf(sign(claims), { ...claims, role: 'member' }),
    ],
    [
      'it has been given more time since it was signed',
      (claims) => withSignatureOf(sign(claims), { ...claims, exp: seconds(600) }),
    ],
  ])('%s', async (_, make) => {
    const claims = claimsOf(world.globex.admin);
    const refused = await askWith(make(claims));
    expect(refused).toMatchObject(refusal);
    expect(comparable(refused)).toEqual(comparable(await ask({})));
    expect((await askWith(sign(claims))).text).toContain(world.globex.marker);
  });

  it.each(['sub', 'tenant', 'session', 'role', 'iss', 'aud', 'exp'])('its claim "%s" is missing', async (name) => {
    const claims = claimsOf(world.globex.admin);
    const refused = await askWith(sign(without(claims, name)));
    expect(refused).toMatchObject(refusal);
    expect(comparable(refused)).toEqual(comparable(await ask({})));
    expect((await askWith(sign(claims))).status).toBe(200);
  });

  it.each(wrongValues)('its claim "%s" is of a wrong type, or one that nobody gave', async (name, values) => {
    const claims = claimsOf(world.globex.admin);
    for (const value of values) expect(await askWith(sign({ ...claims, [name]: value }))).toMatchObject(refusal);
    expect((await askWith(sign(claims))).status).toBe(200);
  });
});

describe('a valid token counts in one place only:', () => {
  it.each<[string, (token: string) => [headers: Record<string, string>, path?: string]]>([
    [
      'not in the query string',
      (token) => [{}, `/api/projects?access_token=${token}&token=${token}&jwt=${token}&auth_token=${token}`],
    ],
    [
      'not in a cookie',
      (token) => [{ cookie: `access_token=${token}; token=${token}; jwt=${token}; authorization=Bearer ${token}` }],
    ],
    [
      'not in another header',
      (token) => [
        { 'x-access-token': token, 'x-authorization': `Bearer ${token}`, 'proxy-authorization': `Bearer ${token}` },
      ],
    ],
    ['not without "Bearer"', (token) => [{ authorization: token }]],
    ['not after another scheme', (token) => [{ authorization: `Basic ${token}` }]],
    ['not after "Bearer" twice', (token) => [{ authorization: `Bearer Bearer ${token}` }]],
    ['not after "Bearer" and no space', (token) => [{ authorization: `Bearer${token}` }]],
    ['not as the second of two', (token) => [{ authorization: `Bearer ${sign({})} ${token}` }]],
    ['not in a list', (token) => [{ authorization: `Bearer ${token}, Bearer ${token}` }]],
  ])('%s', async (_, place) => {
    const token = sign(claimsOf(world.globex.admin));
    const refused = await ask(...place(token));
    expect(refused).toMatchObject(refusal);
    expect(comparable(refused)).toEqual(comparable(await ask({})));
    expect((await askWith(token)).status).toBe(200);
  });

  it('not in the body', async () => {
    const { token = '' } = world.globex.admin;
    const body = { name: world.globex.marker };
    expect(await world.anonymous.post('/api/projects', { ...body, access_token: token, token })).toMatchObject(refusal);
    const headers = { authorization: `Bearer ${token}` };
    expect((await world.anonymous.post('/api/projects', body, headers)).status).toBe(201);
  });
});

it('a role is what the signed token says: a viewer’s, changed to admin without the key, does not even read', async () => {
  const viewer = claimsOf(world.globex.viewer);
  const forged = withSignatureOf(sign(viewer), { ...viewer, role: 'admin' });
  const remove = (token: string) =>
    world.anonymous.send('DELETE', `/api/members/${randomUUID()}`, undefined, { authorization: `Bearer ${token}` });
  expect(await remove(forged)).toMatchObject(refusal);
  expect(await askWith(forged)).toMatchObject(refusal);
  expect((await remove(sign(viewer))).status).toBe(403);
  expect((await remove(sign({ ...viewer, role: 'admin' }))).status).toBe(404);
});
