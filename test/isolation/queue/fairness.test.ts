import { setStage, until, type QueueStage } from './stage.js';

let stage: QueueStage;
beforeAll(async () => {
  stage = await setStage();
}, 120_000);
afterAll(() => stage.close());

const flood = 10_000;

it('ten thousand jobs of one tenant are in nobody’s way: another’s single report comes among the first', async () => {
  const { acme, globex } = stage.world;
  const range = { from: '2026-01-01', to: '2026-01-31' };
  const { tenantId, userId, sessionId } = acme.admin.identity;
  await stage.query(
    `INSERT INTO reports (tenant_id, number, requested_by, from_date, to_date)
     SELECT $1, number, $2, '2026-01-01', '2026-01-31' FROM generate_series(1, $3::int) AS number`,
    [tenantId, userId, flood],
  );
  await stage.query(
    `INSERT INTO outbox (tenant_id, user_id, session_id, job, payload)
     SELECT $1, $2, $3, 'build-report', jsonb_build_object('report', number) FROM generate_series(1, $4::int) AS number`,
    [tenantId, userId, sessionId, flood],
  );
  await stage.startWorker();
  await until(async () => (await stage.effects()).length >= 100);

  const { href } = (await globex.admin.post('/api/reports', range)).json as { href: string };
  const doneBefore = (await stage.effects()).length;
  await until(async () => (await globex.admin.get(href)).json.status === 'done');
  const effects = await stage.effects();
  const place = effects.findIndex(({ tenant_id }) => tenant_id === globex.id);
  expect(place - doneBefore).toBeLessThan(500);
  expect(effects.length).toBeLessThan(flood); // Acme's were not just faster

  const inFlight = await stage.query<{ count: string }>(
    'SELECT count(*) FROM outbox WHERE tenant_id = $1 AND dispatched_at IS NOT NULL',
    [tenantId],
  );
  expect(Number(inFlight[0]?.count)).toBeLessThanOrEqual(20);
});
