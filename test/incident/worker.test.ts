import { DemoModule } from '../../demo/demo.module.js';
import { setStage, type QueueStage } from '../isolation/queue/stage.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type Person } from '../support/world.js';

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

const range = { from: '2026-01-01', to: '2026-12-31' };

async function report(person: Person): Promise<string> {
  const { href } = (await person.post('/api/reports', range)).json as { href: string };
  for (;;) {
    const { json, text } = await person.get(href);
    if ((json as { status: string }).status !== 'queued') return text;
  }
}

describe('Globex has a report made, then Acme’s nightly one is', () => {
  it('leaks in the incident: Acme’s job runs as Globex, HTTP 201, no error in the log', async () => {
    const { acme, globex } = await createWorld(testApp);
    expect((await globex.admin.post('/incident/api/reports', {})).text).toContain(globex.marker);
    const { status, text } = await acme.admin.post('/incident/api/reports/nightly', {});
    expect([status, text.includes(globex.marker), text.includes(acme.marker)]).toEqual([201, true, false]);
    expect(testApp.log).toEqual([]);
  });

  it('is refused by the application: each job runs as whoever added it', async () => {
    const { acme, globex } = await createWorld(testApp);
    for (const [own, other] of [
      [globex, acme],
      [acme, globex],
    ] as const) {
      const text = await report(own.admin);
      expect([text.includes(own.marker), text.includes(other.marker)]).toEqual([true, false]);
    }
  });
});
