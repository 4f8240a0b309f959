import { trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { WholeModule } from '../canary/whole.module.js';
import { setStage, until, type QueueStage } from '../queue/stage.js';
import { startTelemetry, type Telemetry } from './telemetry.js';

let telemetry: Telemetry;
let stage: QueueStage;
let worker: TestApp;
beforeAll(async () => {
  telemetry = startTelemetry();
  stage = await setStage();
}, 120_000);
afterAll(async () => {
  await worker.close();
  await stage.close();
  telemetry.stop();
});

const spans = () => telemetry.exporter.getFinishedSpans();
const traceOf = (span: ReadableSpan) => span.spanContext().traceId;

it('of two tenants’ jobs at the same time, each span is of whose job it is, in a trace of its own, without baggage', async () => {
  const { acme, globex } = stage.world;
  const people = [acme.admin, globex.admin, acme.member, globex.member];
  const range = { from: '2026-01-01', to: '2026-12-31' };
  // Each claims to be the other: in what no server of ours may believe, and the tracing of a fork would.
  const asking = people.map((person, index) => {
    const baggage = `tenant.id=${(index % 2 === 0 ? globex : acme).id}`;
    return Array.from({ length: 4 }, () => person.post('/api/reports', range, { baggage }));
  });
  await Promise.all(asking.flat());
  const rows = await stage.query<{ id: string; tenant_id: string; user_id: string }>('SELECT * FROM outbox');
  expect(rows).toHaveLength(16);
  telemetry.carried.length = 0;

  // As where a fork traces its boot: every timer and socket made in it inherits that span.
  worker = await trace.getTracer('boot').startActiveSpan('boot', () => startTestApp(WholeModule));
  await until(async () => (await stage.waitingJobs()) === 0);
  const jobs = () => spans().filter(({ name }) => name === 'job');
  await until(() => Promise.resolve(jobs().length === rows.length));

  expect(new Set(jobs().map(traceOf)).size).toBe(rows.length);
  for (const { id, tenant_id: tenantId, user_id: userId } of rows) {
    const [job] = jobs().filter(({ attributes }) => attributes['request.id'] === id);
    expect(job?.parentSpanContext).toBeUndefined();
    const own = spans().filter((span) => job && traceOf(span) === traceOf(job));
    expect(own.map(({ name }) => name)).toEqual(expect.arrayContaining(['job', 'statement']));
    for (const { attributes } of own)
      expect(attributes).toMatchObject({ 'tenant.id': tenantId, 'user.id': userId, 'job.name': 'build-report' });
  }
  expect(telemetry.carried.filter((carrier) => Object.keys(carrier).length > 0)).toEqual([]);
});
