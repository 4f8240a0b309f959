import type { ReportView } from '../../src/features/reports/report.dto.js';
import { setStage, until, type QueueStage } from '../isolation/queue/stage.js';
import { walk } from '../isolation/http/walk.js';
import { comparable } from '../isolation/http/rows.js';
import type { Person } from '../support/world.js';

let stage: QueueStage;
beforeAll(async () => {
  stage = await setStage();
  await stage.startWorker();
}, 120_000);
afterAll(() => stage.close());

const today = new Date().toISOString().slice(0, 10);
const year = { from: `${today.slice(0, 4)}-01-01`, to: `${today.slice(0, 4)}-12-31` };

async function finished(person: Person, href: string): Promise<ReportView> {
  for (;;) {
    const json = (await person.get(href)).json as ReportView;
    if (json.status !== 'queued') return json;
  }
}
async function made(person: Person, range: { from: string; to: string }): Promise<ReportView> {
  return finished(person, (await person.post('/api/reports', range)).json.href as string);
}

it('a report is accepted with a link, made by the worker, and shows the tasks of the tenant that asked', async () => {
  for (const { admin, marker } of [stage.world.acme, stage.world.globex]) {
    const accepted = await admin.post('/api/reports', year);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe('/api/reports/1');
    expect(accepted.json).toMatchObject({ ...year, number: 1, href: '/api/reports/1', result: null });
    const { status, result, finishedAt } = await finished(admin, '/api/reports/1');
    expect([status, typeof finishedAt]).toEqual(['done', 'string']);
    const projects = [1, 2, 3].map((number) => ({
      number,
      name: `Project ${String(number)} of ${marker}`,
      created: 1,
      done: 0,
    }));
    expect(result).toEqual({ created: 3, done: 0, projects });
  }
});

it('both days are counted, from midnight to midnight UTC, and nothing beside them', async () => {
  const { admin, id } = stage.world.acme;
  await stage.query(
    `UPDATE tasks SET created_at = CASE number WHEN 1 THEN '2020-02-01T00:00:00Z'::timestamptz
                                              WHEN 2 THEN '2020-02-03T23:59:59.999Z' ELSE '2020-02-04T00:00:00Z' END,
                      status = 'done', updated_at = CASE number WHEN 1 THEN '2020-01-31T23:59:59.999Z'::timestamptz
                                              ELSE '2020-02-02T12:00:00Z' END
      WHERE tenant_id = $1`,
    [id],
  );
  const { result } = await made(admin, { from: '2020-02-01', to: '2020-02-03' });
  expect([result?.created, result?.done]).toEqual([2, 2]);
});

it.each<[string, unknown]>([
  ['nothing', {}],
  ['one day', { from: today }],
  ['the days the wrong way round', { from: '2026-02-01', to: '2026-01-31' }],
  ['more than 366 days', { from: '2026-01-01', to: '2027-01-02' }],
  ['a day that is none', { from: '2026-02-30', to: '2026-03-01' }],
  ['a time', { from: '2026-01-01T00:00:00Z', to: '2026-03-01' }],
  ['a year that PostgreSQL does not know', { from: '0000-01-01', to: '0000-01-02' }],
  ['a tenant', { ...year, tenantId: '6f0c0000-0000-4000-8000-000000000000' }],
  ['a list', []],
])('a report of %s is refused, and no job is accepted', async (_, body) => {
  const { status, json } = await stage.world.acme.admin.post('/api/reports', body);
  expect([status, json.code]).toEqual([400, 'invalid-input']);
  expect(await stage.waitingJobs()).toBe(0);
});

it('366 days, and one, are accepted', async () => {
  const { admin } = stage.world.acme;
  for (const range of [
    { from: '2024-01-01', to: '2024-12-31' },
    { from: today, to: today },
  ]) {
    expect((await made(admin, range)).status).toBe('done');
  }
});

it('a viewer reads reports and cannot have one made', async () => {
  const { viewer, member } = stage.world.acme;
  expect((await viewer.post('/api/reports', year)).status).toBe(403);
  expect((await member.post('/api/reports', year)).status).toBe(202);
  expect((await viewer.get('/api/reports/1')).status).toBe(200);
});

it('a report that only another tenant has is not found, byte for byte as one that nobody has', async () => {
  const { acme, globex } = stage.world;
  const { number } = (await acme.admin.post('/api/reports', year)).json as { number: number };
  const path = `/api/reports/${String(number + 100)}`;
  await stage.query('UPDATE reports SET number = number + 100 WHERE tenant_id = $1 AND number = $2', [acme.id, number]);
  const attempt = await globex.admin.get(path);
  expect(attempt.status).toBe(404);
  expect(comparable(attempt)).toEqual(comparable(await globex.admin.get('/api/reports/2147483647')));
  expect((await acme.admin.get(path)).status).toBe(200);
});

it('lists are of one tenant, newest first, page by page', async () => {
  const { acme, globex } = stage.world;
  for (const { admin } of [acme, globex]) for (let time = 0; time < 3; time++) await admin.post('/api/reports', year);
  await until(async () => (await stage.waitingJobs()) <= 1); // one was renumbered under its job
  for (const [own, other] of [
    [acme, globex],
    [globex, acme],
  ] as const) {
    const pages = await walk<{ number: number }>(own.viewer, '/api/reports', { limit: '2' });
    const numbers = pages.flatMap(({ items }) => items.map(({ number }) => number));
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(numbers.length).toBeGreaterThanOrEqual(4);
    expect(JSON.stringify(pages)).not.toContain(other.marker);
    expect(JSON.stringify(pages)).toContain(own.marker);
  }
});
