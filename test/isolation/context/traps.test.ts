import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import DataLoader from 'dataloader';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, numbers, type TenantOfWorld, type World } from '../../support/world.js';

// What AsyncLocalStorage does with work that is handed from one execution to another. Each trap is
// sprung first, with code that anybody might write, and then avoided.

let testApp: TestApp;
let world: World;
let context: TenantContext;
let database: TenantDatabase;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  context = testApp.get(TenantContext);
  database = testApp.get(TenantDatabase);
});
afterAll(() => testApp.close());

type Name = 'nobody' | 'acme' | 'globex';
const names: readonly Name[] = ['nobody', 'acme', 'globex'];
const pairs = names.flatMap((maker) => names.map((runner) => ({ maker, runner })));
const tenants = pairs.filter(({ maker, runner }) => maker !== 'nobody' && runner !== 'nobody');

/** Runs `work` as the admin of a tenant, or outside any scope. */
const as = async <T>(name: Name, work: () => T | PromiseLike<T>): Promise<T> =>
  name === 'nobody' ? work() : world[name].admin.run(work);
const tenant = (name: Name): TenantOfWorld => world[name === 'globex' ? 'globex' : 'acme'];
/** Whose tenant the running code has. */
function seen(): Name {
  try {
    return context.tenantId === world.acme.id ? 'acme' : 'globex';
  } catch {
    return 'nobody';
  }
}
const tick = () => new Promise(setImmediate);

describe('a callback that one execution leaves and another one sets off', () => {
  type Leave = (callback: () => void) => (() => unknown) | Promise<() => unknown>;
  const ways: Record<string, Leave> = {
    'a listener of an emitter': (callback) => {
      const emitter = new EventEmitter().once('event', callback);
      return () => emitter.emit('event');
    },
    'a waiter in a pool': (callback) => {
      const waiters = [callback];
      return () => waiters.shift()?.();
    },
    'a listener of a stream': async (callback) => {
      const stream = new PassThrough().on('data', callback);
      await tick(); // until it flows
      return () => stream.write('data');
    },
    'a thenable that works when awaited': (callback) => {
      const then = (resolve: () => void) => {
        callback();
        resolve();
      };
      return () => ({ then });
    },
  };
  const cases = Object.keys(ways).flatMap((way) => pairs.map((pair) => ({ way, ...pair })));

  it.each(cases)('$way: left by $maker, set off by $runner, it runs as $runner; bound, as $maker', async (each) => {
    const { way, maker, runner } = each;
    for (const [bind, expected] of [
      [(callback: () => void) => callback, runner],
      [(callback: () => void) => AsyncResource.bind(callback), maker],
    ] as const) {
      const saw: Name[] = [];
      const leave = ways[way] as Leave;
      const callback = () => void saw.push(seen());
      // In an object: returned as it is, a thenable would be awaited inside.
      const { setOff } = await as(maker, async () => ({ setOff: await leave(bind(callback)) }));
      await as(runner, async () => {
        await setOff();
      });
      expect(saw).toEqual([expected]);
    }
  });
});

it.each(pairs)('the data of a socket that $maker opened arrives as $maker, whoever $runner wrote', async (each) => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const saw: Name[] = [];
  const socket = await as(each.maker, () => connect((server.address() as AddressInfo).port, '127.0.0.1'));
  const echoed = new Promise<void>((resolve) => {
    socket.on('data', () => {
      saw.push(seen());
      resolve();
    });
  });
  await as(each.runner, () => socket.write('data'));
  await echoed;
  socket.destroy();
  server.close();
  // So an answer that is handed out by its place in a connection's queue is handed out as somebody else.
  expect(saw).toEqual([each.maker]);
});

it.each(pairs)('an interval that $maker started runs as $maker, also on what $runner gave it', async (each) => {
  const saw: [naive: Name, bound: Name][] = [];
  const queue: (() => Name)[] = [];
  const worked = new EventEmitter();
  const interval = await as(each.maker, () =>
    setInterval(() => {
      for (const work of queue.splice(0)) saw.push([seen(), work()]);
      if (saw.length > 0) worked.emit('done');
    }, 1),
  );
  const done = once(worked, 'done');
  await as(each.runner, () => queue.push(AsyncResource.bind(seen)));
  await done;
  clearInterval(interval);
  expect(saw).toEqual([[each.maker, each.runner]]);
});

describe('a DataLoader on the real database', () => {
  const projects = () =>
    new DataLoader<number, string | undefined>(async (keys) => {
      const rows = await database.project.findMany({ where: { number: { in: [...keys] } } });
      return keys.map((key) => rows.find(({ number }) => number === key)?.description);
    });

  it.each(tenants)('that requests share: $runner, next after $maker, is handed the row of $maker', async (each) => {
    const shared = projects();
    const [makers, runners] = await Promise.all([
      as(each.maker, () => shared.load(1)),
      as(each.runner, () => shared.load(1)),
    ]);
    expect([makers, runners]).toEqual([tenant(each.maker).marker, tenant(each.maker).marker]);
    const later = await as(each.runner, () => shared.load(1)); // and it remembers
    expect(later).toBe(tenant(each.maker).marker);
  });

  it('that requests share, for nobody first: everybody who comes with nobody is refused', async () => {
    const shared = projects();
    const answers = await Promise.allSettled([shared.load(1), as('acme', () => shared.load(2))]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await as('acme', () => shared.load(3))).toBe(world.acme.marker);
  });

  it('that is made for each request: everybody gets their own, of many at once', async () => {
    const order = Array.from({ length: 60 }, (_, index): Name => (index % 3 === 0 ? 'acme' : 'globex'));
    const answers = await Promise.all(
      order.map((name) =>
        as(name, () => {
          const own = projects();
          return Promise.all(numbers.map((number) => own.load(number)));
        }),
      ),
    );
    expect(answers).toEqual(order.map((name) => numbers.map(() => tenant(name).marker)));
  });
});

describe('a Prisma promise, which does nothing until it is awaited', () => {
  const read = () => database.project.findFirst({ where: { number: 1 } });
  /** In an object, so that it leaves its scope without being awaited. */
  const made = (name: Name) => as(name, () => ({ promise: read() }));

  it.each(tenants)('made by $maker and awaited by $runner reads the row of $runner', async (each) => {
    const { promise } = await made(each.maker);
    const row = await as(each.runner, async () => await promise);
    expect(row?.description).toBe(tenant(each.runner).marker);
  });

  it.each(tenants)('of a write, made by $maker and awaited by $runner, is stored with $runner', async (each) => {
    const name = `${each.maker} for ${each.runner}`;
    const { promise } = await as(each.maker, () => ({ promise: database.project.create({ data: { name } }) }));
    const row = await as(each.runner, async () => await promise);
    expect(row.tenantId).toBe(tenant(each.runner).id);
  });

  it.each(['acme', 'globex'] as const)('made by %s and awaited by nobody is refused', async (name) => {
    const { promise } = await made(name);
    await expect(promise).rejects.toThrow(/No tenant in this execution/);
  });

  it.each(['acme', 'globex'] as const)('returned from a scope of %s is awaited inside', async (name) => {
    expect((await as(name, read))?.description).toBe(tenant(name).marker);
  });

  it.each(tenants)(
    'of a read that names its tenant, as repositories do, finds nothing but $maker’s own',
    async (each) => {
      const ofMaker = () => database.project.findFirst({ where: { tenantId: context.tenantId, number: 1 } });
      const { promise } = await as(each.maker, () => ({ promise: ofMaker() }));
      const row = await as(each.runner, async () => await promise);
      expect(row?.description).toBe(each.maker === each.runner ? tenant(each.maker).marker : undefined);
    },
  );
});
