import { DemoModule } from '../../demo/demo.module.js';
import { TenantDatabase } from '../../src/isolation/database/index.js';
import { rawRedis } from '../support/redis.js';
import { setStage, type QueueStage } from '../isolation/queue/stage.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type Person, type World } from '../support/world.js';

// Each attack is written once, and run against the incident and against the application: neither
// half can rot unseen.
let stage: QueueStage;
let testApp: TestApp;
beforeAll(async () => {
  stage = await setStage(); // servers of its own: the demo has a worker, which does the jobs of whoever is in the database
  testApp = await startTestApp(DemoModule);
});
afterAll(async () => {
  await testApp.close();
  await stage.close();
});

/** The incident's keys have no tenant: suites side by side, and attempts, need numbers nobody has used. */
async function freshProject(world: World): Promise<number> {
  const number = 1_000_000 + Math.floor(Math.random() * 1_000_000_000);
  for (const { admin, marker } of [world.acme, world.globex]) {
    await admin.run(() => testApp.get(TenantDatabase).project.create({ data: { number, name: marker } }));
  }
  return number;
}

/** Whose markers each of two people was shown. */
type Attack = (acme: Person, globex: Person, path: string) => Promise<readonly [acmes: string, globexs: string]>;

const attacks: [string, Attack][] = [
  [
    'one after the other: Acme loads, then Globex asks for its own',
    async (acme, globex, path) => [(await acme.get(path)).text, (await globex.get(path)).text],
  ],
  [
    'in the same instant, with nothing cached',
    async (acme, globex, path) => {
      const answers = await Promise.all([acme.get(path), globex.get(path)]);
      return [answers[0].text, answers[1].text];
    },
  ],
  [
    'after Acme has loaded it many times',
    async (acme, globex, path) => {
      for (let time = 0; time < 3; time++) await acme.get(path);
      return [(await acme.get(path)).text, (await globex.get(path)).text];
    },
  ],
];

describe.each(attacks)('%s', (_, attack) => {
  it('leaks in the incident: HTTP 200 with Acme’s project, the right shape, no error in the log', async () => {
    const world = await createWorld(testApp);
    const number = await freshProject(world);
    const { acme, globex } = world;
    const [acmes, globexs] = await attack(acme.admin, globex.admin, `/incident/api/projects/${String(number)}`);
    expect(acmes).toContain(acme.marker);
    expect(globexs).toBe(acmes);
    expect(testApp.log).toEqual([]);
  });

  it('is refused by the application: each is shown its own', async () => {
    const world = await createWorld(testApp);
    const number = await freshProject(world);
    const { acme, globex } = world;
    const [acmes, globexs] = await attack(acme.admin, globex.admin, `/api/projects/${String(number)}`);
    expect([acmes.includes(acme.marker), acmes.includes(globex.marker)]).toEqual([true, false]);
    expect([globexs.includes(globex.marker), globexs.includes(acme.marker)]).toEqual([true, false]);
  });
});

it('the incident’s key is the number alone; the application’s has the tenant', async () => {
  const world = await createWorld(testApp);
  const number = await freshProject(world);
  await world.acme.admin.get(`/incident/api/projects/${String(number)}`);
  await world.acme.admin.get(`/api/projects/${String(number)}`);
  const redis = rawRedis();
  const keys = await Promise.all([
    redis.exists(`incident:project:${String(number)}`),
    redis.exists(`v1:{${world.acme.id}}:entry:project:1:${String(number)}`),
  ]);
  redis.disconnect();
  expect(keys).toEqual([1, 1]);
});

it('the naive fix closes one key and leaves the next one open', async () => {
  const world = await createWorld(testApp);
  const path = `/incident/naive-fix/api/projects/${String(await freshProject(world))}`;
  const { acme, globex } = world;
  await acme.admin.get(path);
  expect((await globex.admin.get(path)).text).toContain(globex.marker);
  await acme.admin.get(`${path}/summary`);
  expect((await globex.admin.get(`${path}/summary`)).text).toContain(acme.marker);
});
