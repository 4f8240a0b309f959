import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type World } from '../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

it.each([
  ['/health/live', { status: 'ok' }],
  ['/health/ready', { status: 'ok', database: 'up', sessions: 'up', cache: 'up' }],
])('GET %s answers anyone that all is well, in the same words', async (path, body) => {
  for (const client of [world.anonymous, world.acme.admin, world.globex.viewer]) {
    expect(await client.get(path)).toMatchObject({ status: 200, text: JSON.stringify(body) });
  }
});
