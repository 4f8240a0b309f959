import { randomInt, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ProblemError } from '../../../src/common/errors.js';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { Attempts } from '../../../src/isolation/limits/index.js';
import { Client, type Answer } from '../../support/client.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, password, type World } from '../../support/world.js';

const fromAddress = { logins: 15, visitors: 5 };
const variables = {
  TRUST_PROXY: '127.0.0.1',
  LOGIN_FAILURES_PER_ADDRESS: String(fromAddress.logins),
  VISITORS_PER_ADDRESS: String(fromAddress.visitors),
};

let testApp: TestApp;
let world: World;
let redis: Redis;
beforeAll(async () => {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  testApp = await startTestApp();
  delete process.env['TRUST_PROXY'];
  Object.assign(process.env, before);
  redis = rawRedis('DURABLE_REDIS_URL');
});
afterAll(async () => {
  redis.disconnect();
  await testApp.close();
});
beforeEach(async () => {
  world = await createWorld(testApp); // people whom nobody has guessed at yet
});

/** One that nobody has come from yet. */
const newAddress = () => `10.${[1, 2, 3].map(() => randomInt(256)).join('.')}`;
const somebody = () => `nobody@${randomUUID()}.example`;
const anonymous = (baseUrl = testApp.baseUrl) => new Client(baseUrl);
const from = (address: string) => ({ 'x-forwarded-for': address });
const login = (email: string, address: string, secret = password) =>
  anonymous().post('/api/auth/login', { email, password: secret }, from(address));
const guess = (email: string, address: string) => login(email, address, 'a wrong password');
async function times<T>(count: number, attempt: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let time = 0; time < count; time++) results.push(await attempt());
  return results;
}
const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status);

function expectTooMany({ status, headers, json }: Answer, longestSeconds: number) {
  expect([status, json]).toMatchObject([429, { code: 'too-many-requests' }]);
  const seconds = Number(headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(longestSeconds);
}

describe('a password', () => {
  it('can be guessed at ten times from one address; the person comes in from another, and others from that one', async () => {
    const [{ email }, address] = [world.acme.member, newAddress()];
    const alarms = testApp.get(SecurityEvents).count('limits', 'too many attempts');
    expect(new Set(statusesOf(await times(10, () => guess(email, address))))).toEqual(new Set([401]));
    for (const secret of [password, 'a wrong password']) expectTooMany(await login(email, address, secret), 900);
    expect((await login(email, newAddress())).status).toBe(200);
    expect((await login(world.globex.member.email, address)).status).toBe(200);
    expect(testApp.get(SecurityEvents).count('limits', 'too many attempts')).toBe(alarms + 1);
  });

  it('can be guessed at ten times also when all come at once', async () => {
    const [email, address] = [somebody(), newAddress()];
    let looked = 0;
    const check = () => {
      looked++;
      return Promise.reject(new ProblemError('wrong-credentials'));
    };
    const login = () => testApp.get(Attempts).login(email, address, check);
    const attempt = () =>
      testApp
        .get(TenantContext)
        .open('test', login)
        .catch((error: unknown) => error);
    const refusals = await Promise.all(Array.from({ length: 40 }, attempt));
    const codes = refusals.map((error) => (error as ProblemError).code);
    expect(looked).toBe(10);
    expect(codes.filter((code) => code === 'too-many-requests').length).toBe(30);
  });

  it('can be guessed at thirty times from all addresses; who has logged in from an address before comes in from there', async () => {
    const [{ email }, office] = [world.acme.member, newAddress()];
    expect((await login(email, office)).status).toBe(200);
    for (let place = 0; place < 3; place++) {
      const address = newAddress();
      await times(10, () => guess(email, address));
      expectTooMany(await guess(email, address), 900); // which does not use up what the other addresses have
    }
    expectTooMany(await login(email, newAddress()), 900);
    expect((await login(email, office)).status).toBe(200);
    expect((await login(world.globex.member.email, newAddress())).status).toBe(200);
  });

  it('that is right makes the address’s count as it was before', async () => {
    const [{ email }, address] = [world.acme.member, newAddress()];
    for (let round = 0; round < 2; round++) {
      await times(9, () => guess(email, address));
      expect((await login(email, address)).status).toBe(200);
    }
  });

  it('of somebody who does not exist gets the same answers, word for word', async () => {
    const answersTo = async (email: string) => {
      const address = newAddress();
      const answers = await times(12, () => guess(email, address));
      return answers.map(({ status, text }) => [status, text.replace(/("retryAfterSeconds":)\d+/, '$1')]);
    };
    expect(await answersTo(somebody())).toEqual(await answersTo(world.acme.member.email));
  });

  it('is not counted as wrong when it could not be looked at', async () => {
    const [{ email }, address] = [world.acme.member, newAddress()];
    const check = () => Promise.reject(new ProblemError('unavailable'));
    await times(40, () => expect(testApp.get(Attempts).login(email, address, check)).rejects.toThrow(ProblemError));
    expect((await login(email, address)).status).toBe(200);
  });

  it('is guessed at ten times by whoever has an access token', async () => {
    const change = (current: string, person: Client) =>
      person.post('/api/auth/password', { current_password: current, new_password: 'another password, as long' });
    const { member, viewer } = world.acme;
    const guesses = await times(10, () => change('a wrong password', member));
    expect(new Set(statusesOf(guesses))).toEqual(new Set([401]));
    expectTooMany(await change(password, member), 900);
    expect((await change(password, viewer)).status).toBe(200);
  });
});

describe('an address', () => {
  it.each<[string, () => [string, string]]>([
    ['IPv4', () => Array<string>(2).fill(newAddress()) as [string, string]],
    [
      'IPv6, whichever of its /64 it is',
      () => {
        const net = `2001:db8:${randomInt(65536).toString(16)}`;
        return [`${net}::1`, `${net}:0:ffff:ffff:ffff:ffff`];
      },
    ],
  ])('(%s) guesses at so many people, and then at nobody; who is known there comes in', async (_, addresses) => {
    const [address, other] = addresses();
    const known = world.acme.member.email;
    expect((await login(known, address)).status).toBe(200);
    const guesses = await times(fromAddress.logins, () => guess(somebody(), address));
    expect(new Set(statusesOf(guesses))).toEqual(new Set([401]));
    expectTooMany(await guess(somebody(), other), 900);
    expectTooMany(await login(world.globex.member.email, other), 900);
    expect((await login(known, address)).status).toBe(200);
    expect((await login(world.globex.member.email, newAddress())).status).toBe(200);
  });

  it('opens so many visitors’ sessions; others do, too', async () => {
    const [address, other] = [newAddress(), newAddress()];
    const open = (by: string) => anonymous().post('/api/visitors', undefined, from(by));
    expect(new Set(statusesOf(await times(fromAddress.visitors, () => open(address))))).toEqual(new Set([201]));
    expectTooMany(await open(address), 3600);
    expect((await open(other)).status).toBe(201);
  });

  it('is not what a client says of itself, unless a proxy is trusted', async () => {
    const direct = await startTestApp();
    try {
      const email = somebody();
      const attempt = () => anonymous(direct.baseUrl).post('/api/auth/login', { email, password }, from(newAddress()));
      expect(new Set(statusesOf(await times(10, attempt)))).toEqual(new Set([401]));
      expectTooMany(await attempt(), 900);
    } finally {
      await direct.close();
    }
  });
});

it('a session is refreshed sixty times a minute; others are, too', async () => {
  const sessions = await times(2, async () => {
    const { json } = await login(world.acme.member.email, newAddress());
    const { refresh_token: token } = json as { refresh_token: string };
    const { session } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      session: string;
    };
    return { token, session };
  });
  const [one, other] = sessions;
  if (!one || !other) throw new Error('There are not two sessions.');
  await times(60, () => testApp.get(Attempts).refresh(one.session));
  const refresh = (token: string) => anonymous().post('/api/auth/refresh', { refresh_token: token });
  expectTooMany(await refresh(one.token), 60);
  expect((await refresh(other.token)).status).toBe(200);
});

it('nothing of it tells an e-mail or an address, and all of it expires', async () => {
  const [{ email }, address] = [world.acme.member, newAddress()];
  const before = new Set(await redis.keys('v1:limit:*'));
  await guess(email, address);
  await login(email, address);
  await anonymous().post('/api/visitors', undefined, from(address));
  const keys = (await redis.keys('v1:limit:*')).filter((key) => !before.has(key));
  expect(keys.length).toBeGreaterThan(3);
  for (const key of keys) {
    expect(key).toMatch(/^v1:limit:[a-z-]+:[\w-]{43}$/);
    expect(await redis.ttl(key)).toBeGreaterThan(0);
  }
});
