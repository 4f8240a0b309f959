import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { scheduledRedis, type Substitute, type Turns } from './scheduled-redis.js';
import { SessionScene } from './session-scene.js';

/** Something that a client does as one of two people, in one of two tenants. */
export interface SessionDeed {
  /** Each of the four does one thing after the other, all of them at once. */
  readonly client: number;
  readonly person: number;
  readonly tenant: number;
  readonly kind: (typeof kinds)[number];
}

const kinds = [
  ...(['read', 'read', 'write', 'write', 'refresh in two tabs', 'refresh in two tabs', 'list'] as const),
  ...(['log in', 'switch', 'use an old token', 'log out', 'log out everywhere', 'new role', 'new password'] as const),
];
const upTo = (max: number) => fc.integer({ min: 0, max });

export const sessionDeeds: fc.Arbitrary<SessionDeed[]> = fc.array(
  fc.record({ client: upTo(3), person: upTo(1), tenant: upTo(1), kind: fc.constantFrom(...kinds) }),
  { minLength: 2, maxLength: 12 },
);

/** Runs all deeds at once, in the order that the scheduler chooses for every await. @returns what was wrong */
export async function runSessionSchedule(
  scheduler: fc.Scheduler,
  turns: Turns,
  redis: Redis,
  all: readonly SessionDeed[],
  flaw?: Readonly<Record<string, Substitute>>,
): Promise<readonly string[]> {
  const pause = (what: string) => scheduler.schedule(Promise.resolve(), what);
  const scene = await SessionScene.set(redis);
  scene.moveTo(scheduledRedis(scheduler, turns, redis, flaw), pause);
  const clients = [0, 1, 2, 3].map(async (client) => {
    for (const deed of all) {
      if (deed.client !== client) continue;
      await pause(`client ${String(client)}: ${deed.kind}`);
      await act(scene, deed);
    }
  });
  await scheduler.waitIdle();
  await Promise.all(clients);
  await scene.ledger.close(redis);
  return scene.ledger.wrong;
}

function act(scene: SessionScene, { person, tenant, kind }: SessionDeed): Promise<void> {
  const owner = scene.owner(person, tenant);
  switch (kind) {
    case 'read':
      return scene.read(owner);
    case 'write':
      return scene.write(owner);
    case 'refresh in two tabs':
      return scene.refreshInTwoTabs(owner);
    case 'list':
      return scene.list(owner);
    case 'log in':
      return scene.logIn(owner);
    case 'switch':
      return scene.logIn(scene.owner(person, 1 - tenant), owner);
    case 'use an old token':
      return scene.useOldToken(owner);
    case 'log out':
      return scene.logOut(owner);
    case 'log out everywhere':
      return scene.logOutEverywhere(owner);
    case 'new role':
      return scene.changeRole(owner);
    case 'new password':
      return scene.changePassword(owner);
  }
}
