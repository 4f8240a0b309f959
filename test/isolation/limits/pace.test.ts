import { randomUUID } from 'node:crypto';
import { TenantPace } from '../../../src/isolation/limits/index.js';
import { Client, type Answer } from '../../support/client.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';

const perSecond = 20;
/** What may come at once, and how many more may wait. */
const [burst, mayWait] = [perSecond / 10, perSecond];

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  process.env['TENANT_REQUESTS_PER_SECOND'] = String(perSecond);
  testApp = await startTestApp();
  delete process.env['TENANT_REQUESTS_PER_SECOND'];
});
afterAll(() => testApp.close());
beforeEach(async () => {
  world = await createWorld(testApp); // tenants that have asked for nothing yet
});

const ask = (person: Person) => person.get('/api/projects/1');
const askTimes = (count: number, person: Person) => Array.from({ length: count }, () => ask(person));
const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status);

it('a tenant that asks in a burst is served; one that floods is told to come back; the other is served all along', async () => {
  const { acme, globex } = world;
  expect(new Set(statusesOf(await Promise.all(askTimes(burst, acme.admin))))).toEqual(new Set([200]));
  const flood = Promise.all(askTimes(20 * perSecond, acme.admin));
  const meanwhile = await Promise.all(askTimes(burst, globex.admin));
  for (const { status, text } of meanwhile) expect([status, text.includes(globex.marker)]).toEqual([200, true]);

  const answers = await flood;
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, headers, json } of refused) {
    expect(status).toBe(429);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
    expect(json).toMatchObject({ code: 'too-many-requests', retryAfterSeconds: Number(headers.get('retry-after')) });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  for (const { status, text } of answers) if (status === 200) expect(text).toContain(acme.marker);
});

it('what is over the rate waits behind its own tenant, and is served: the other comes first', async () => {
  const { acme, globex } = world;
  const order: string[] = [];
  const note = (name: string) => (answer: Answer) => {
    order.push(name);
    return answer;
  };
  const crowd = Promise.all(askTimes(burst + mayWait, acme.admin).map((answer) => answer.then(note('acme'))));
  await ask(globex.admin).then(note('globex'));
  expect(new Set(statusesOf(await crowd))).toEqual(new Set([200]));
  expect(order.indexOf('globex')).toBeLessThan(burst + mayWait);
  expect(order.at(-1)).toBe('acme');
});

it('the rate is the tenant’s: more members do not make more of it', async () => {
  const { admin, member, viewer } = world.acme;
  const answers = await Promise.all([admin, member, viewer].flatMap((person) => askTimes(5 * perSecond, person)));
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThan(5 * perSecond);
  expect(new Set(statusesOf(answers))).toEqual(new Set([200, 429]));
});

it('nothing is asked for a request that is refused, not even whether its session lives', async () => {
  const { admin } = world.acme;
  await admin.post('/api/auth/logout', undefined);
  const statuses = statusesOf(await Promise.all(askTimes(20 * perSecond, admin)));
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
});

it('nobody uses up the rate of a tenant without a token of it', async () => {
  const { admin } = world.acme;
  const forged = new Client(testApp.baseUrl, `${String(admin.token).slice(0, -10)}AAAAAAAAAA`);
  const attack = Array.from({ length: 20 * perSecond }, () => forged.get('/api/projects/1'));
  expect(new Set(statusesOf(await Promise.all(attack)))).toEqual(new Set([401]));
  expect(new Set(statusesOf(await Promise.all(askTimes(burst, admin))))).toEqual(new Set([200]));
});

it('of a hundred thousand tenants none is remembered that is on time', async () => {
  const pace = new TenantPace(1_000_000);
  for (let tenant = 0; tenant < 100_000; tenant++) await pace.waitForTurn({ tenantId: randomUUID() });
  expect(pace.size).toBeLessThan(100);
  const flooded = new TenantPace(1);
  const tenantId = randomUUID();
  await flooded.waitForTurn({ tenantId });
  await flooded.waitForTurn({ tenantId });
  expect(flooded.size).toBe(1);
});
