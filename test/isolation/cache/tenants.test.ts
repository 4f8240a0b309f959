import { cacheEntries, TenantCache } from '../../../src/isolation/cache/index.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type Person, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
let cache: TenantCache;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  cache = testApp.get(TenantCache);
});
afterAll(() => testApp.close());
beforeEach(async () => {
  for (const { admin } of [world.acme, world.globex]) await admin.run(() => cache.invalidateTenant());
});

const { project, profile } = cacheEntries;
const params = { number: 1041 };
const read = (person: Person) => person.run(() => cache.get(project, params));
const write = (person: Person, value: unknown) => person.run(() => cache.set(project, params, value));

describe('the same entry of two tenants', () => {
  it('is two values: what one sets the other does not get, overwrite or delete', async () => {
    const { acme, globex } = world;
    await write(acme.admin, 'acme’s');
    expect(await read(globex.admin)).toBeUndefined();
    await write(globex.admin, 'globex’s');
    expect([await read(acme.admin), await read(globex.admin)]).toEqual(['acme’s', 'globex’s']);
    await globex.admin.run(() => cache.delete(project, params));
    expect([await read(acme.admin), await read(globex.admin)]).toEqual(['acme’s', undefined]);
  });

  it('is loaded once per tenant when both miss at the same time, by many callers', async () => {
    let loads = 0;
    const load = (person: Person) =>
      person.run(() =>
        cache.wrap(project, params, async () => {
          loads++;
          await Promise.resolve();
          return person.identity.tenantId;
        }),
      );
    const { acme, globex } = world;
    const callers = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? acme.admin : globex.member));
    const values = await Promise.all(callers.map(load));
    expect(values).toEqual(callers.map(({ identity }) => identity.tenantId));
    expect(loads).toBeLessThan(callers.length); // loads are shared …
    expect(loads).toBeGreaterThanOrEqual(2); // … and never across tenants
  });

  it.each<[string, (person: Person) => Promise<void>]>([
    ['the entity', (person) => person.run(() => cache.invalidateEntity(cacheEntries.project, params))],
    ['the tenant', (person) => person.run(() => cache.invalidateTenant())],
  ])('is invalidated for one tenant: %s', async (_, invalidate) => {
    const { acme, globex } = world;
    await write(acme.admin, 'acme’s');
    await write(globex.admin, 'globex’s');
    await invalidate(globex.admin);
    expect([await read(acme.admin), await read(globex.admin)]).toEqual(['acme’s', undefined]);
  });
});

describe('an entry of a user', () => {
  it('is not that of another user of the same tenant', async () => {
    const { admin, member } = world.acme;
    await admin.run(() => cache.set(profile, {}, 'admin’s'));
    expect(await member.run(() => cache.get(profile, {}))).toBeUndefined();
    expect(await admin.run(() => cache.get(profile, {}))).toBe('admin’s');
  });

  it('is not that of the same person in another tenant', async () => {
    const { acme, globex } = world;
    const inBoth = { ...globex.admin.identity, userId: acme.admin.identity.userId };
    await acme.admin.run(() => cache.set(profile, {}, 'in acme'));
    const context = testApp.get(TenantContext);
    expect(await context.run(inBoth, 'test', () => cache.get(profile, {}))).toBeUndefined();
    expect(await acme.admin.run(() => cache.get(profile, {}))).toBe('in acme');
  });

  it('is invalidated for one user', async () => {
    const { admin, member } = world.acme;
    for (const person of [admin, member]) await person.run(() => cache.set(profile, {}, person.email));
    await admin.run(() => cache.invalidateUser(member.identity.userId));
    expect(await member.run(() => cache.get(profile, {}))).toBeUndefined();
    expect(await admin.run(() => cache.get(profile, {}))).toBe(admin.email);
  });

  it('is cached over HTTP by user: each gets their own, HIT after MISS', async () => {
    const people = [world.acme.admin, world.acme.member, world.globex.admin];
    for (const expected of ['MISS', 'HIT']) {
      for (const person of people) {
        const { headers, json } = await person.get('/api/me');
        expect([headers.get('x-cache'), json.email]).toEqual([expected, person.email]);
      }
    }
  });
});

it('absence is never stored: a thing that comes into being is found at once', async () => {
  const { admin } = world.acme;
  for (const absent of [undefined, null]) {
    expect(await admin.run(() => cache.wrap(project, params, () => Promise.resolve(absent)))).toBe(absent);
    await admin.run(() => cache.set(project, params, absent));
    expect(await read(admin)).toBeUndefined();
  }
  expect(await admin.run(() => cache.wrap(project, params, () => Promise.resolve({ here: true })))).toEqual({
    here: true,
  });
  expect(await read(admin)).toEqual({ here: true });
});

it('a 404 is not stored: over HTTP, too, a project is found as soon as it exists', async () => {
  const { admin } = world.globex;
  const { json } = await admin.post('/api/projects', { name: 'before' });
  const next = `/api/projects/${String((json as { number: number }).number + 1)}`;
  expect((await admin.get(next)).status).toBe(404);
  await admin.post('/api/projects', { name: 'after' });
  expect((await admin.get(next)).json).toMatchObject({ name: 'after' });
});

it('a loader that fails stores nothing, and its error reaches every caller', async () => {
  const fail = () =>
    world.acme.admin.run(() => cache.wrap(project, params, () => Promise.reject(new Error('the database is down'))));
  const outcomes = await Promise.allSettled([fail(), fail(), fail()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await read(world.acme.admin)).toBeUndefined();
});

it('a load that an invalidation overtakes is never served', async () => {
  const { admin } = world.acme;
  let finishLoading: (value: string) => void = () => undefined;
  const isLoading = new Promise<void>((started) => {
    const load = () =>
      new Promise<string>((resolve) => {
        finishLoading = resolve;
        started();
      });
    void admin.run(() => cache.wrap(project, params, load));
  });
  await isLoading;
  await admin.run(() => cache.invalidateEntity(cacheEntries.project, params));
  const fresh = admin.run(() => cache.wrap(project, params, () => Promise.resolve('new')));
  await read(admin); // Redis answers in turn: what `fresh` asked has been answered before
  finishLoading('old');
  expect(await fresh).toBe('new'); // it has not joined the older load
  await new Promise(setImmediate);
  expect(await read(admin)).not.toBe('old');
  expect(await admin.run(() => cache.wrap(project, params, () => Promise.resolve('new')))).toBe('new');
});
