import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { deceptions, unreadable } from './deceptions.js';
import { declaredRoutes, InventoryModule } from './inventory.js';
import { bearer, exchange, json, type WireAnswer } from './wire.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp(InventoryModule);
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const send = (path: string) => exchange(testApp.baseUrl, { path, headers: bearer(world.acme.admin.token) });

const comparable = ({ status, headers, text }: WireAnswer) => ({
  status,
  text,
  headers: { ...headers, date: undefined, 'x-request-id': undefined },
});

/** A path of each GET route, leading to something where the world has it. */
const paths = () =>
  declaredRoutes(testApp)
    .filter(({ method }) => method === 'GET')
    .map(({ path }) =>
      path.replaceAll(/:(\w+)/g, (_, name) =>
        name === 'userId' ? world.acme.admin.identity.userId : name === 'id' ? randomUUID() : '1',
      ),
    );

/** What is answered for a route that nobody has, but for what differs each time. */
const nothing = async () => comparable(await send('/api/nowhere'));

it.each(deceptions)('%s after the path of any route: the answer is that for nothing at all, byte for byte', async (deception) => {
  const expected = await nothing();
  expect(expected).toMatchObject({ status: 404, headers: { 'cache-control': 'private, no-store' } });
  for (const path of paths()) expect([path, comparable(await send(path + deception))]).toEqual([path, expected]);
}); // prettier-ignore

it.each(unreadable)('%s, which cannot be read, is 400, and shows nothing either', async (deception) => {
  for (const path of paths()) {
    const { status, headers, text } = await send(path + deception);
    expect([path, status]).toEqual([path, 400]);
    expect(headers['cache-control']).toBe('private, no-store');
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(text).not.toContain(world.acme.marker);
  }
});

it('without it, the same paths show what is the reader’s', async () => {
  const answers = await Promise.all(paths().map((path) => send(path)));
  expect(answers.filter(({ status, text }) => status === 200 && text.includes(world.acme.marker)).length).toBeGreaterThan(5);
}); // prettier-ignore

const absent: Readonly<Record<string, string>> = { userId: randomUUID(), id: randomUUID() };
const bodies = [undefined, { name: 'x' }, { title: 'x' }, { text: 'x' }];

it('on any route, whatever the method and the body, what cannot be an id is answered as an id that nothing has', async () => {
  const wrong = ['1.css', '1;x.css', '1%00', '%2e%2e', '0', '01', '2147483648', 'x', randomUUID().toUpperCase()];
  const { token = '' } = world.acme.admin;
  const routes = declaredRoutes(testApp).filter(({ path, publicReason }) => path.includes(':') && !publicReason);
  expect(routes.length).toBeGreaterThan(15);
  for (const { method, path } of routes) {
    for (const body of bodies) {
      const ask = async (replaced?: string, id = '') => {
        const idOf = (name: string) => (name === replaced ? id : (absent[name] ?? '2147483647'));
        const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => idOf(name));
        const content = body ? json(body, token) : { headers: bearer(token) };
        return comparable(await exchange(testApp.baseUrl, { method, path: filled, ...content }));
      };
      const expected = await ask();
      for (const [, replaced] of path.matchAll(/:(\w+)/g))
        for (const id of wrong)
          expect([method, path, id, await ask(replaced, id)]).toEqual([method, path, id, expected]);
    }
  }
});
