import { setStage, until, type QueueStage } from '../isolation/queue/stage.js';
import type { Person } from '../support/world.js';

let stage: QueueStage;
beforeAll(async () => {
  stage = await setStage();
  await stage.startWorker();
}, 120_000);
afterAll(() => stage.close());

const year = {
  from: `${String(new Date().getUTCFullYear())}-01-01`,
  to: `${String(new Date().getUTCFullYear())}-12-31`,
};

async function finished(person: Person, href: string) {
  for (;;) {
    const { json } = await person.get(href);
    if (json.status !== 'queued') return json;
  }
}

it('a report is accepted with a link, made by the worker, and shows the tasks of the tenant that asked', async () => {
  for (const { admin, marker } of [stage.world.acme, stage.world.globex]) {
    const accepted = await admin.post('/api/reports', year);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe('/api/reports/1');
    expect(accepted.json).toMatchObject({ ...year, number: 1, href: '/api/reports/1', result: null });
    const { status, result } = await finished(admin, '/api/reports/1');
    expect(status).toBe('done');
    const projects = [1, 2, 3].map((number) => ({
      number,
      name: `Project ${String(number)} of ${marker}`,
      created: 1,
      done: 0,
    }));
    expect(result).toEqual({ created: 3, done: 0, projects });
  }
  await until(async () => (await stage.waitingJobs()) === 0);
});
