import { setStage, type QueueStage } from '../isolation/queue/stage.js';
import { addMember } from '../isolation/http/people.js';
import { Listening, type ReceivedEvent } from '../isolation/realtime/listening.js';
import { upload } from '../support/files.js';
import type { TenantOfWorld } from '../support/world.js';

let stage: QueueStage;
beforeAll(async () => {
  stage = await setStage();
  await stage.startWorker();
}, 120_000);
afterAll(() => stage.close());

const told = (received: readonly ReceivedEvent[]) => received.map(({ event, data }) => [event, data as unknown]);

/** Makes one change of every kind, as the admin. */
async function changeEverything({ admin, ...tenant }: TenantOfWorld): Promise<[string, unknown][]> {
  const expected: [string, unknown][] = [];
  const change = async (
    event: string,
    payload: (json: { number: number; id: string }) => unknown,
    answer: ReturnType<typeof admin.get>,
  ) => {
    const { status, json } = await answer;
    expect(status).toBeLessThan(300);
    expected.push([event, payload(json as { number: number; id: string })]);
    return json as { number: number; id: string };
  };
  const { number: project } = await change(
    'project.created',
    ({ number }) => ({ project: number }),
    admin.post('/api/projects', { name: 'new' }),
  );
  const path = `/api/projects/${String(project)}`;
  await change('project.updated', () => ({ project }), admin.patch(path, { name: 'newer' }));
  const { number: task } = await change(
    'task.created',
    ({ number }) => ({ project, task: number }),
    admin.post(`${path}/tasks`, { title: 'new' }),
  );
  await change(
    'task.updated',
    () => ({ project, task }),
    admin.patch(`${path}/tasks/${String(task)}`, { title: 'newer' }),
  );
  await change('task.deleted', () => ({ project, task }), admin.delete(`${path}/tasks/${String(task)}`));
  const { number: file } = await change(
    'file.created',
    ({ number }) => ({ project, file: number }),
    upload(admin, 'text', { project }),
  );
  await change('file.deleted', () => ({ project, file }), admin.delete(`${path}/files/${String(file)}`));
  await change('project.deleted', () => ({ project }), admin.delete(path));
  const { userId: member } = await addMember(stage.testApp, { admin, ...tenant }, 'member');
  await change('member.updated', () => ({ member }), admin.patch(`/api/members/${member}`, { name: 'newer' }));
  await change('member.removed', () => ({ member }), admin.delete(`/api/members/${member}`));
  const { id: thread } = await change(
    'thread.created',
    ({ id }) => ({ thread: id }),
    admin.post('/api/assistant/threads', undefined),
  );
  const threadPath = `/api/assistant/threads/${thread}`;
  await change('thread.updated', () => ({ thread }), admin.post(`${threadPath}/messages`, { text: 'new' }));
  await change('thread.deleted', () => ({ thread }), admin.delete(threadPath));
  return expected;
}

it('every change is told to who listens in its tenant, once and in order, and to nobody of another', async () => {
  const { acme, globex } = stage.world;
  const [own, colleague, foreign] = [
    await Listening.open(stage.testApp, acme.admin),
    await Listening.open(stage.testApp, acme.viewer),
    await Listening.open(stage.testApp, globex.admin),
  ];
  const expected = await changeEverything(acme);
  await globex.admin.patch('/api/projects/1', { name: 'afterwards' });
  expect(told(await own.received(expected.length))).toEqual(expected);
  const shared = expected.filter(([event]) => !event.startsWith('thread.'));
  expect(told(await colleague.received(shared.length))).toEqual(shared);
  expect(told(await foreign.received(1))).toEqual([['project.updated', { project: 1 }]]);
  for (const stream of [own, colleague, foreign]) stream.leave();
});

it('what is refused or not there is told to nobody', async () => {
  const { acme } = stage.world;
  const stream = await Listening.open(stage.testApp, acme.admin);
  expect((await acme.admin.patch('/api/projects/2147483647', { name: 'none' })).status).toBe(404);
  expect((await acme.viewer.post('/api/projects', { name: 'none' })).status).toBe(403);
  expect((await acme.admin.delete(`/api/members/${acme.admin.identity.userId}`)).status).toBe(409);
  await acme.admin.patch('/api/projects/1', { name: 'there' });
  expect(told(await stream.received(1))).toEqual([['project.updated', { project: 1 }]]);
  stream.leave();
});

it('a report that the worker has finished is told in the tenant that asked for it, when it can be read', async () => {
  const { acme, globex } = stage.world;
  const [stream, foreign] = [
    await Listening.open(stage.testApp, acme.viewer),
    await Listening.open(stage.testApp, globex.viewer),
  ];
  const { json } = await acme.member.post('/api/reports', { from: '2020-01-01', to: '2020-12-31' });
  const report = json.number as number;
  expect(told(await stream.received(2)).toSorted()).toEqual([
    ['report.finished', { report }],
    ['report.requested', { report }],
  ]);
  expect((await acme.viewer.get(`/api/reports/${String(report)}`)).json).toMatchObject({ status: 'done' });
  await globex.admin.patch('/api/projects/1', { name: 'afterwards' });
  expect(told(await foreign.received(1))).toEqual([['project.updated', { project: 1 }]]);
  stream.leave();
  foreign.leave();
});
