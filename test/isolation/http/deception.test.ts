import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { deceptions } from './deceptions.js';
import { declaredRoutes, InventoryModule } from './inventory.js';
import { bearer, exchange } from './wire.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp(InventoryModule);
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const send = (path: string) => exchange(testApp.baseUrl, { path, headers: bearer(world.acme.admin.token) });

/** A path of each GET route, leading to something where the world has it. */
const paths = () =>
  declaredRoutes(testApp)
    .filter(({ method }) => method === 'GET')
    .map(({ path }) =>
      path.replaceAll(/:(\w+)/g, (_, name) =>
        name === 'userId' ? world.acme.admin.identity.userId : name === 'id' ? randomUUID() : '1',
      ),
    );

it.each(deceptions)('%s after the path of any route is 404, or 400, and shows nothing', async (deception) => {
  for (const path of paths()) {
    const { status, headers, text } = await send(path + deception);
    expect([path, [400, 404].includes(status) ? '400 or 404' : status]).toEqual([path, '400 or 404']);
    expect(headers['cache-control']).toBe('private, no-store');
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(text).not.toContain(world.acme.marker);
  }
});

it('without it, the same paths show what is the reader’s', async () => {
  const answers = await Promise.all(paths().map((path) => send(path)));
  expect(answers.filter(({ status, text }) => status === 200 && text.includes(world.acme.marker)).length).toBeGreaterThan(5);
}); // prettier-ignore
