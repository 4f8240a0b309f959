import { randomUUID } from 'node:crypto';
import { tenantChannel, userChannel } from '../../../src/isolation/realtime/channels.js';
import { EventPublisher, events } from '../../../src/isolation/realtime/index.js';
import { EventSubscriptions } from '../../../src/isolation/realtime/event-subscriptions.js';
import type { EventListener } from '../../../src/isolation/realtime/subscription.js';
import { MissingTenantError, TenantContext } from '../../../src/isolation/context/index.js';
import { enter } from '../../support/actor.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { addMember } from '../http/people.js';
import { Listening, names, nobodyListens } from './listening.js';

// Two instances of the application on one Redis: what one publishes, the other delivers.
let one: TestApp;
let other: TestApp;
let world: World;
beforeAll(async () => {
  one = await startTestApp();
  other = await startTestApp();
  world = await createWorld(one);
});
afterAll(async () => {
  await one.close();
  await other.close();
});
const listenings: Listening[] = [];
async function listen(...parameters: Parameters<typeof Listening.open>): Promise<Listening> {
  const listening = await Listening.open(...parameters);
  listenings.push(listening);
  return listening;
}
afterEach(async () => {
  for (const listening of listenings.splice(0)) listening.leave();
  await Promise.all([nobodyListens(one), nobodyListens(other)]);
});

it('what one instance publishes, listeners of the tenant get on both, and nobody of another tenant', async () => {
  const { acme, globex } = world;
  const insiders = [await listen(one, acme.viewer), await listen(other, acme.member)];
  const outsiders = [await listen(one, globex.admin), await listen(other, globex.admin)];
  expect((await acme.admin.patch('/api/projects/1', { description: 'changed' })).status).toBe(200);
  for (const insider of insiders)
    expect(await insider.received(1)).toEqual([
      { event: 'project.updated', id: expect.any(String), data: { project: 1 } },
    ]);
  expect((await globex.admin.patch('/api/projects/2', { description: 'changed' })).status).toBe(200);
  for (const outsider of outsiders)
    expect((await outsider.received(1)).map(({ data }) => data as unknown)).toEqual([{ project: 2 }]);
});

it('under load from both tenants, with the same numbers, each listener gets all of its own events and no other', async () => {
  const { acme, globex } = world;
  const rounds = 60;
  const tenants = [acme, globex];
  const publishers = [one.get(EventPublisher), other.get(EventPublisher)];
  const streams = await Promise.all(
    tenants.flatMap((tenant) =>
      [one, other].flatMap((app) => [tenant.admin, tenant.member, tenant.viewer].map((person) => listen(app, person))),
    ),
  );
  // Tasks of Acme and files of Globex, under the same numbers: a name tells where an event comes from.
  await Promise.all(
    Array.from({ length: rounds }, async (_, index) => {
      const [publisher = one.get(EventPublisher)] = index % 2 === 0 ? publishers : publishers.toReversed();
      await Promise.all([
        acme.admin.run(() => publisher.publish(events.taskUpdated, { project: 1, task: index + 1 })),
        globex.admin.run(() => publisher.publish(events.fileCreated, { project: 1, file: index + 1 })),
      ]);
    }),
  );
  for (const [index, stream] of streams.entries()) {
    const own = index < streams.length / 2 ? 'task.updated' : 'file.created';
    const received = await stream.received(rounds);
    expect(new Set(names(received))).toEqual(new Set([own]));
    expect(new Set(received.map(({ id }) => id)).size).toBe(rounds);
    expect(received).toHaveLength(rounds);
  }
});

it('somebody who belongs to both tenants gets in each session what happens in its tenant', async () => {
  const { acme, globex } = world;
  const { email, client: inAcme } = await addMember(one, acme, 'member');
  const { client: inGlobex } = await addMember(one, globex, 'member', email);
  expect(inAcme.identity.userId).toBe(inGlobex.identity.userId);
  const streams = [await listen(one, inAcme), await listen(one, inGlobex)];
  await inAcme.run(() => one.get(EventPublisher).publish(events.threadCreated, { thread: randomUUID() }));
  await acme.admin.run(() => one.get(EventPublisher).publish(events.projectCreated, { project: 7 }));
  await inGlobex.run(() => one.get(EventPublisher).publish(events.threadDeleted, { thread: randomUUID() }));
  await globex.admin.run(() => one.get(EventPublisher).publish(events.projectDeleted, { project: 7 }));
  expect(names((await streams[0]?.received(2)) ?? [])).toEqual(['thread.created', 'project.created']);
  expect(names((await streams[1]?.received(2)) ?? [])).toEqual(['thread.deleted', 'project.deleted']);
});

it('an event for a user reaches all streams of that user and nobody else’s, not even the admin’s', async () => {
  const { acme } = world;
  const sameUser = await enter(one, acme.member.identity);
  const own = [await listen(one, acme.member), await listen(other, sameUser)];
  const others = [await listen(one, acme.admin), await listen(other, acme.viewer)];
  const { json } = await acme.member.post('/api/assistant/threads', undefined);
  await acme.admin.patch('/api/projects/1', { description: 'after it' });
  for (const stream of own) {
    const [thread, project] = await stream.received(2);
    expect(thread).toMatchObject({ event: 'thread.created', data: { thread: json.id } });
    expect(project).toMatchObject({ event: 'project.updated' });
  }
  for (const stream of others) expect(names(await stream.received(1))).toEqual(['project.updated']);
});

it('nothing that a client sends chooses a channel: query, headers, Last-Event-ID, body', async () => {
  const { acme, globex } = world;
  const victim = { tenantId: acme.id, userId: acme.admin.identity.userId };
  const channels = [tenantChannel(victim), userChannel(victim), 'v1:*', '*', acme.id];
  const streams = [];
  for (const channel of channels) {
    const headers = { 'last-event-id': channel, 'x-tenant-id': acme.id, 'x-channel': channel, cookie: `t=${channel}` };
    const query = `?channel=${encodeURIComponent(channel)}&tenant=${acme.id}&tenantId=${acme.id}&lastEventId=${channel}`;
    streams.push(await listen(one, globex.admin, headers, query));
  }
  const positive = await listen(one, acme.viewer);
  await acme.admin.patch('/api/projects/1', { description: 'secret' });
  expect(names(await positive.received(1))).toEqual(['project.updated']);
  await globex.admin.patch('/api/projects/2', { description: 'own' });
  for (const stream of streams)
    expect((await stream.received(1)).map(({ data }) => data as unknown)).toEqual([{ project: 2 }]);
});

it('no string and no event of one’s own making can be published, and nothing outside a tenant', async () => {
  const publisher = one.get(EventPublisher);
  const { admin } = world.acme;
  const copy = { ...events.projectUpdated };
  for (const event of [copy, tenantChannel({ tenantId: world.globex.id }), { name: 'project.updated' }])
    await expect(admin.run(() => publisher.publish(event as typeof copy, { project: 1 }))).rejects.toThrow(
      'not registered',
    );
  await expect(publisher.publish(events.projectUpdated, { project: 1 })).rejects.toThrow(MissingTenantError);
  const contents = { project: 1, name: 'Merger (CONFIDENTIAL)' };
  await expect(admin.run(() => publisher.publish(events.projectUpdated, contents))).rejects.toThrow();
  const listening = await listen(one, admin);
  await admin.run(() => publisher.publish(events.projectUpdated, { project: 1 }));
  expect(names(await listening.received(1))).toEqual(['project.updated']);
});

it('every tenant has a channel of its own, and every user one in each: none has the events of two', () => {
  const { acme, globex } = world;
  const owners = [acme, globex].flatMap((tenant) =>
    [acme, globex].map(({ admin }) => ({ tenantId: tenant.id, userId: admin.identity.userId })),
  );
  const channels = [...[acme, globex].map(({ id }) => tenantChannel({ tenantId: id })), ...owners.map(userChannel)];
  expect(new Set(channels).size).toBe(6);
  for (const { tenantId, userId } of owners) {
    expect(tenantChannel({ tenantId })).toBe(`v1:{${tenantId}}:events`);
    expect(userChannel({ tenantId, userId })).toBe(`v1:{${tenantId}}:events:${userId}`);
  }
});

it('each listener is called in the scope in which it began to listen, whoever published', async () => {
  const context = one.get(TenantContext);
  const subscriptions = one.get(EventSubscriptions);
  const seen: string[] = [];
  const leaves: (() => void)[] = [];
  const told = Promise.all(
    [world.acme, world.globex].map(({ viewer }) => {
      return new Promise<void>((resolve, reject) => {
        const listener: EventListener = {
          open: () => undefined,
          beat: () => undefined,
          end: () => undefined,
          deliver: ({ name }) => {
            try {
              seen.push(`${context.tenantId} ${name}`);
              resolve();
            } catch (error) {
              reject(new Error('It was called in no scope.', { cause: error }));
            }
          },
        };
        viewer
          .run(async () => leaves.push(await subscriptions.listen(listener, new Date(Date.now() + 60_000))))
          .catch(reject);
      });
    }),
  );
  while (leaves.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await world.acme.admin.run(() => one.get(EventPublisher).publish(events.projectUpdated, { project: 1 }));
  await world.globex.admin.run(() => one.get(EventPublisher).publish(events.projectDeleted, { project: 1 }));
  await expect(told).resolves.toHaveLength(2);
  expect(seen.toSorted()).toEqual(
    [`${world.acme.id} project.updated`, `${world.globex.id} project.deleted`].toSorted(),
  );
  for (const leave of leaves) leave();
});
