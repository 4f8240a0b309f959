import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { TenantContext, type TenantIdentity } from '../../../src/isolation/context/index.js';

const context = new TenantContext();
const identity = (): TenantIdentity => ({
  tenantId: randomUUID(),
  userId: randomUUID(),
  role: 'member',
  sessionId: randomUUID(),
});
const [acme, globex] = [identity(), identity()];

it('inside run every value is that of the identity; outside each of them throws an error that names the fixes', async () => {
  const values = () => [context.tenantId, context.userId, context.role, context.sessionId];
  expect(await context.run(acme, 'request', values)).toEqual([acme.tenantId, acme.userId, acme.role, acme.sessionId]);
  const reads = [
    () => context.tenantId,
    () => context.userId,
    () => context.role,
    () => context.sessionId,
    () => context.identity,
  ];
  const fixes =
    /No tenant in this execution.*@Public\(\).*TenantContext\.run.*SystemContext\.run.*AsyncResource\.bind/s;
  for (const read of reads) expect(read).toThrow(fixes);
});

it('a scope has its request id before it has a tenant', () => {
  context.open('request', () => {
    expect(context.requestId).toBe('request');
    expect(() => context.tenantId).toThrow(/No tenant/);
    context.fill(acme);
    expect(context.tenantId).toBe(acme.tenantId);
  });
  expect(context.requestId).toBeUndefined();
});

it('a scope is filled once: not with another tenant, not with the same one again', () => {
  context.open('request', () => {
    context.fill(acme);
    for (const second of [globex, acme]) expect(() => context.fill(second)).toThrow(/already has a tenant/);
    expect(context.tenantId).toBe(acme.tenantId);
  });
});

it('outside any scope there is nothing to fill', () => {
  expect(() => context.fill(acme)).toThrow(/No tenant in this execution/);
});

it('the identity cannot be changed, neither where it is read nor where it came from', async () => {
  const source = { ...acme };
  await context.run(source, 'request', () => {
    source.tenantId = globex.tenantId;
    const taken = context.identity as { tenantId: string };
    expect(() => (taken.tenantId = globex.tenantId)).toThrow(TypeError);
    expect(context.tenantId).toBe(acme.tenantId);
  });
});

it.each([
  '',
  'acme',
  '1041',
  acme.tenantId.toUpperCase(),
  `${acme.tenantId}:x`,
  `${acme.tenantId}\n`,
  `x:${acme.tenantId}`,
  "' OR true --",
])('what is not a lower-case UUID is no tenant: %j', async (tenantId) => {
  await expect(context.run({ ...acme, tenantId }, 'request', () => undefined)).rejects.toThrow(/must be UUIDs/);
  await expect(context.run({ ...acme, userId: tenantId }, 'request', () => undefined)).rejects.toThrow(/must be UUIDs/);
});

it('many interleaved executions each keep their own tenant across awaits, timers and microtasks', async () => {
  const identities = Array.from({ length: 200 }, identity);
  const seen = await Promise.all(
    identities.map((own) =>
      context.run(own, 'request', async () => {
        await Promise.resolve();
        await new Promise(setImmediate);
        await new Promise((resolve) => process.nextTick(resolve));
        await sleep(1);
        return context.tenantId;
      }),
    ),
  );
  expect(seen).toEqual(identities.map(({ tenantId }) => tenantId));
});

it('a scope inside another one is its own, and the outer one is as it was afterwards', async () => {
  await context.run(acme, 'outer', async () => {
    expect(await context.run(globex, 'inner', () => context.tenantId)).toBe(globex.tenantId);
    expect(context.tenantId).toBe(acme.tenantId);
  });
});

it('a thenable that does its work when awaited does it in the scope that made it', async () => {
  // As Prisma's promises do: awaited outside, this one would read the wrong scope or none.
  const lazy = () =>
    ({ then: (resolve: (tenant: string) => void) => resolve(context.tenantId) }) as PromiseLike<string>;
  await expect((async () => await context.run(acme, 'request', lazy))()).resolves.toBe(acme.tenantId);
  await expect((async () => await lazy())()).rejects.toThrow(/No tenant/);
});

it('a listener runs under who emits, unless it is bound: the trap and its remedy', async () => {
  const emitter = new EventEmitter();
  const seen: string[] = [];
  await context.run(acme, 'request', () => {
    emitter.on('plain', () => seen.push(context.tenantId));
    emitter.on(
      'bound',
      AsyncResource.bind(() => seen.push(context.tenantId)),
    );
  });
  await context.run(globex, 'request', () => {
    emitter.emit('plain');
    emitter.emit('bound');
  });
  expect(seen).toEqual([globex.tenantId, acme.tenantId]);
});
