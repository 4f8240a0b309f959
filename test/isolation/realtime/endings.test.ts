import type { Redis } from 'ioredis';
import { AccessTokens } from '../../../src/isolation/http/index.js';
import { EventPublisher, EventSubscriptions, events } from '../../../src/isolation/realtime/index.js';
import { sessionKey } from '../../../src/isolation/sessions/session-keys.js';
import { Sessions } from '../../../src/isolation/sessions/index.js';
import { enter } from '../../support/actor.js';
import { rawRedis } from '../../support/redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, password, type World } from '../../support/world.js';
import { addMember } from '../http/people.js';
import { keyOf, Logins, sessionOf, type Tokens } from '../sessions/logins.js';
import { Listening, names } from './listening.js';

// Sessions end on one instance, streams on both. The heartbeat would come after five minutes.
let one: TestApp;
let other: TestApp;
let world: World;
let logins: Logins;
let redis: Redis;
beforeAll(async () => {
  process.env['REALTIME_HEARTBEAT_SECONDS'] = '300';
  one = await startTestApp();
  other = await startTestApp();
  logins = new Logins(one.baseUrl);
  redis = rawRedis('DURABLE_REDIS_URL');
});
beforeEach(async () => {
  world = await createWorld(one);
});
afterAll(async () => {
  Reflect.deleteProperty(process.env, 'REALTIME_HEARTBEAT_SECONDS');
  redis.disconnect();
  await one.close();
  await other.close();
});

const listenAs = (tokens: Tokens) =>
  Promise.all([one, other].map((app) => Listening.open(app, { token: tokens.access_token })));
const reasons = (streams: readonly Listening[]) => Promise.all(streams.map((stream) => stream.over()));
const publish = (tenant = world.acme) =>
  tenant.admin.run(() => one.get(EventPublisher).publish(events.projectUpdated, { project: 1 }));

/** That the streams are still there, and nothing else has come. */
async function expectAlive(streams: readonly Listening[]): Promise<void> {
  await publish();
  for (const stream of streams) {
    expect(names(await stream.received(1))).toEqual(['project.updated']);
    stream.leave();
  }
}

/** The second login is of the same person in the same tenant. */
it.each<[string, (tokens: Tokens) => Promise<{ status: number }>, 'ends' | 'lives']>([
  ['logout', (tokens) => logins.as(tokens).post('/api/auth/logout', undefined), 'lives'],
  ['logout everywhere', (tokens) => logins.as(tokens).post('/api/auth/logout-everywhere', undefined), 'ends'],
  [
    'ending one’s session from another',
    async (tokens) => {
      const another = await logins.login({ email: world.acme.member.email });
      return logins.as(another).delete(`/api/auth/sessions/${sessionOf(tokens).sessionId}`);
    },
    'lives',
  ],
  [
    'a new password',
    (tokens) =>
      logins.as(tokens).post('/api/auth/password', { current_password: password, new_password: `${password} anew` }),
    'ends',
  ],
  ['removal', () => world.acme.admin.delete(`/api/members/${world.acme.member.identity.userId}`), 'ends'],
  [
    'another role',
    () => world.acme.admin.patch(`/api/members/${world.acme.member.identity.userId}`, { role: 'viewer' }),
    'ends',
  ],
  [
    'a refresh token that is used again',
    async (tokens) => {
      await logins.refresh(await logins.refresh(tokens));
      await logins.tryRefresh(tokens.refresh_token);
      return { status: 200 };
    },
    'lives',
  ],
])('%s ends the session’s streams on every instance at once, and no other', async (_, end, sibling) => {
  const { email } = world.acme.member;
  const [ended, same] = [await logins.login({ email }), await logins.login({ email })];
  const streams = await listenAs(ended);
  const siblings = await listenAs(same);
  const others = [await Listening.open(other, world.acme.viewer), await Listening.open(one, world.globex.member)];
  expect((await end(ended)).status).toBeLessThan(300);
  expect(await reasons(streams)).toEqual(['session-ended', 'session-ended']);
  if (sibling === 'ends') expect(await reasons(siblings)).toEqual(['session-ended', 'session-ended']);
  await expect(Listening.open(other, { token: ended.access_token })).rejects.toThrow('session-ended');
  await publish(world.acme);
  await publish(world.globex);
  for (const stream of [...others, ...(sibling === 'lives' ? siblings : [])]) {
    expect(await stream.got('project.updated')).toBe(true);
    expect(names(stream.events)).not.toContain('end');
    stream.leave();
  }
});

it('a switch of tenants ends the streams of the old session, and the new one listens to the new tenant', async () => {
  const { acme, globex } = world;
  const { email } = await addMember(one, acme, 'member');
  await addMember(one, globex, 'member', email);
  const tokens = await logins.login({ email, tenant: acme.slug });
  const streams = await listenAs(tokens);
  const { json } = await logins.as(tokens).post('/api/auth/switch', { tenant: globex.slug });
  expect(await reasons(streams)).toEqual(['session-ended', 'session-ended']);
  const [stream, second] = await listenAs(json as Tokens);
  await publish(acme);
  await publish(globex);
  await globex.admin.run(() => other.get(EventPublisher).publish(events.projectDeleted, { project: 2 }));
  expect(names((await stream?.received(2)) ?? []).toSorted()).toEqual(['project.deleted', 'project.updated']);
  stream?.leave();
  second?.leave();
});

it('nothing that is published after a session has ended reaches its streams, however soon', async () => {
  const { acme } = world;
  const rounds = 25;
  for (let round = 0; round < rounds; round++) {
    const actor = await enter(one, acme.member.identity);
    const stream = await Listening.open(other, actor);
    await acme.admin.run(() => one.get(EventPublisher).publish(events.projectCreated, { project: 1 }));
    await one.get(Sessions).end(actor.identity);
    await publish();
    expect(await stream.over()).toBe('session-ended');
    expect(names(stream.events)).toEqual(['project.created', 'end']);
  }
});

it('a session that ends while its stream is being opened leaves no stream', async () => {
  const rounds = 25;
  for (let round = 0; round < rounds; round++) {
    const actor = await enter(one, world.acme.member.identity);
    const [opened] = await Promise.allSettled([Listening.open(other, actor), one.get(Sessions).end(actor.identity)]);
    if (opened.status === 'fulfilled') expect(await opened.value.over()).toBe('session-ended');
    else expect(String(opened.reason)).toContain('401');
  }
});

it('a session that ended after the guard had let it pass does not begin to listen', async () => {
  const subscriptions = other.get(EventSubscriptions);
  const ignore = () => undefined;
  const listener = { open: ignore, deliver: ignore, beat: ignore, end: ignore };
  const soon = new Date(Date.now() + 60_000);
  const actor = await enter(other, world.acme.member.identity);
  (await actor.run(() => subscriptions.listen(listener, soon)))();
  await one.get(Sessions).end(actor.identity);
  const late = actor.run(() => subscriptions.listen(listener, soon));
  await expect(late).rejects.toMatchObject({ code: 'session-ended' });
  expect(subscriptions.counts).toEqual({ subscriptions: 0, channels: 0 });
});

it('a stream ends with its access token, and goes on with the next', async () => {
  const { identity } = world.acme.member;
  const token = await one.get(AccessTokens).issue(identity, 2);
  const [short, long] = [await Listening.open(one, { token }), await Listening.open(one, world.acme.member)];
  expect(await short.over()).toBe('token-expired');
  await expect(Listening.open(one, { token })).rejects.toThrow('401');
  await expectAlive([long]);
});

it('an end that nobody told is found by the heartbeat; whoever lives gets one', async () => {
  process.env['REALTIME_HEARTBEAT_SECONDS'] = '1';
  const third = await startTestApp();
  process.env['REALTIME_HEARTBEAT_SECONDS'] = '300';
  const tokens = await logins.login({ email: world.acme.member.email });
  const [gone, alive] = [
    await Listening.open(third, { token: tokens.access_token }),
    await Listening.open(third, world.acme.admin),
  ];
  await redis.del(keyOf(tokens)); // as when it expires
  expect(await gone.over()).toBe('session-ended');
  await alive.beats(2);
  await expectAlive([alive]);
  await third.close();
});

it('a forged notice ends a stream and nothing more: the session lives, and a new stream opens', async () => {
  const stream = await Listening.open(one, world.acme.admin);
  const bystander = await Listening.open(one, world.globex.admin);
  await redis.publish(sessionKey(world.acme.admin.identity), 'anything');
  expect(await stream.over()).toBe('session-ended');
  const again = await Listening.open(one, world.acme.admin);
  await expectAlive([again]);
  await publish(world.globex);
  expect(names(await bystander.received(1))).toEqual(['project.updated']);
  bystander.leave();
});
