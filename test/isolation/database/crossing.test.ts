import { randomUUID } from 'node:crypto';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, numbers, type World } from '../../support/world.js';

// Straight at the database room, below every WHERE that the repositories add.
let testApp: TestApp;
let world: World;
let database: TenantDatabase;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  database = testApp.get(TenantDatabase);
  for (const { admin } of [world.acme, world.globex])
    await admin.run(async () => {
      const file = { name: 'file', contentType: 'text/plain', size: 0, sha256: '', createdBy: admin.identity.userId };
      await database.file.create({ data: { ...file, projectNumber: 1, objectId: randomUUID() } });
      await database.unclaimedObject.create({ data: { objectId: randomUUID() } });
      const day = new Date('2026-01-01');
      await database.report.create({
        data: { requestedBy: admin.identity.userId, fromDate: day, toDate: day },
      });
    });
});
afterAll(() => testApp.close());

const attacker = () => world.attackerOf(world.acme);
const victimsProject = () =>
  world.acme.admin.run(() => database.project.findFirst({ where: { number: 1 }, include: { tasks: true } }));

describe('reading', () => {
  it.each(['project', 'task', 'membership', 'counter', 'file', 'unclaimedObject', 'report'] as const)(
    'a query on %s that forgets its WHERE yields the rows of the tenant that asks, and no others',
    async (model) => {
      const { acme, globex } = world;
      const rowsOf = (tenant: typeof acme) =>
        tenant.admin.run(() => (database[model].findMany as () => Promise<{ tenantId: string }[]>)());
      for (const tenant of [acme, globex]) {
        const rows = await rowsOf(tenant);
        expect(rows.length).toBeGreaterThan(0);
        expect(new Set(rows.map(({ tenantId }) => tenantId))).toEqual(new Set([tenant.id]));
      }
    },
  );

  it('a raw query on outbox, which is no model, yields the rows of the tenant that asks, and no others', async () => {
    const { acme, globex } = world;
    for (const { admin } of [acme, globex]) {
      const { userId, sessionId } = admin.identity;
      await admin.run(
        () => database.$executeRaw`
          INSERT INTO outbox (user_id, session_id, job, payload, run_at)
               VALUES (${userId}::uuid, ${sessionId}::uuid, 'build-report', '{}', now() + interval '1 year')`,
      );
    }
    for (const { id, admin } of [acme, globex])
      expect(await admin.run(() => database.$queryRaw`SELECT tenant_id AS id FROM outbox`)).toEqual([{ id }]);
  });

  it('tenants themselves are visible to nobody else', async () => {
    const tenants = await attacker().run(() => database.tenant.findMany());
    expect(tenants.map(({ id }) => id)).toEqual([world.globex.id]);
  });

  it('a WHERE that names the victim yields nothing, and yields rows to the victim', async () => {
    const query = () => database.project.findMany({ where: { tenantId: world.acme.id } });
    expect(await attacker().run(query)).toEqual([]);
    expect(await world.acme.admin.run(query)).toHaveLength(numbers.length);
  });

  it('counts, aggregates and groups cover one tenant', async () => {
    const sums = await attacker().run(async () => ({
      count: await database.task.count(),
      aggregate: await database.task.aggregate({ _max: { number: true }, _count: true }),
      groups: await database.task.groupBy({ by: ['tenantId'], _count: true }),
    }));
    expect(sums.count).toBe(numbers.length);
    expect(sums.aggregate).toEqual({ _max: { number: numbers.length }, _count: numbers.length });
    expect(sums.groups).toEqual([{ tenantId: world.globex.id, _count: numbers.length }]);
  });

  it('relations do not lead to another tenant', async () => {
    const tasks = await attacker().run(() => database.task.findMany({ include: { project: true, assignee: true } }));
    expect(JSON.stringify(tasks)).toContain(world.globex.marker);
    expect(JSON.stringify(tasks)).not.toContain(world.acme.marker);
  });
});

describe('writing', () => {
  it('an update of the victim’s row finds no row, and the row stays as it was', async () => {
    const before = await victimsProject();
    const update = attacker().run(() =>
      database.project.update({
        where: { tenantId_number: { tenantId: world.acme.id, number: 1 } },
        data: { name: 'taken over' },
      }),
    );
    await expect(update).rejects.toMatchObject({ code: 'P2025' });
    expect(await victimsProject()).toEqual(before);
  });

  it('an update without WHERE changes the rows of one tenant', async () => {
    const before = await victimsProject();
    const { count } = await attacker().run(() => database.project.updateMany({ data: { status: 'active' } }));
    expect(count).toBe(numbers.length);
    expect(await victimsProject()).toEqual(before);
  });

  it('a delete of the victim’s row, and one without WHERE, leave the victim’s rows', async () => {
    const removed = await attacker().run(() => database.task.deleteMany({ where: { tenantId: world.acme.id } }));
    expect(removed.count).toBe(0);
    const rolledBack = new Error('rolled back');
    const deleteAll = attacker().run(() =>
      database.$transaction(async (transaction) => {
        expect(await transaction.project.deleteMany()).toEqual({ count: numbers.length });
        throw rolledBack;
      }),
    );
    await expect(deleteAll).rejects.toBe(rolledBack);
    expect((await victimsProject())?.tasks).toHaveLength(1);
  });

  it('a row cannot be created in another tenant', async () => {
    const data = { tenantId: world.acme.id, number: 77, name: 'planted' };
    await expect(attacker().run(() => database.project.create({ data }))).rejects.toMatchObject({ code: 'P2039' });
    const own = { ...data, tenantId: world.globex.id };
    await expect(attacker().run(() => database.project.create({ data: own }))).resolves.toMatchObject(own);
    await attacker().run(() => database.project.deleteMany({ where: { number: 77 } }));
  });

  it('a row cannot be moved to another tenant', async () => {
    const move = attacker().run(() =>
      database.project.updateMany({ where: { number: 3 }, data: { tenantId: world.acme.id, number: 88 } }),
    );
    await expect(move).rejects.toMatchObject({ code: 'P2039' });
    expect(await attacker().run(() => database.project.count({ where: { number: 3 } }))).toBe(1);
  });

  it('a foreign key cannot refer to another tenant’s member, and can to one’s own', async () => {
    const assign = (assigneeId: string) =>
      attacker().run(() => database.task.updateMany({ where: { number: 1 }, data: { assigneeId } }));
    await expect(assign(world.acme.member.identity.userId)).rejects.toMatchObject({ code: 'P2003' });
    await expect(assign(world.globex.member.identity.userId)).resolves.toEqual({ count: 1 });
  });

  it('a task cannot be put into a project that only another tenant has', async () => {
    const onlyVictims = await world.acme.admin.run(() =>
      database.project.create({ data: { name: world.acme.marker } }),
    );
    const create = (person: typeof world.acme.admin) =>
      person.run(() => database.task.create({ data: { projectNumber: onlyVictims.number, title: 'into' } }));
    await expect(create(attacker())).rejects.toMatchObject({ code: 'P2003' });
    await expect(create(world.acme.admin)).resolves.toMatchObject({ projectNumber: onlyVictims.number });
  });

  it('a unique value of another tenant does not show: the same one can be taken', async () => {
    const { email } = world.acme.member;
    const taken = world.acme.admin.run(() => database.membership.count({ where: { email } }));
    expect(await taken).toBe(1);
    expect(await attacker().run(() => database.membership.count({ where: { email } }))).toBe(0);
  });

  it('numbers count from 1 in each tenant, without a gap where another tenant creates', async () => {
    const create = (person: typeof world.acme.admin) =>
      person.run(() => database.project.create({ data: { name: 'next' } }));
    const first = await create(world.globex.admin);
    await create(world.acme.admin);
    const second = await create(world.globex.admin);
    expect(second.number).toBe(first.number + 1);
  });
});

it('tables of no tenant are not there on the tenant database', async () => {
  await world.acme.admin.run(() =>
    database.$transaction((transaction) => {
      for (const reached of [database, transaction])
        for (const model of ['user', 'systemAudit', 'outbox', '$queryRawUnsafe', '$executeRawUnsafe'])
          expect(reached).not.toHaveProperty([model]);
      return Promise.resolve();
    }),
  );
});

describe('without a tenant', () => {
  it('reads, writes, raw queries and transactions throw an error that names the fix', async () => {
    const attempts = [
      () => database.project.findMany(),
      () => database.project.create({ data: { name: 'nobody’s' } }),
      () => database.$queryRaw`SELECT 1`,
      () => database.$transaction(() => Promise.resolve()),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(/No tenant in this execution/);
    await expect(world.acme.admin.run(() => database.project.count())).resolves.toBeGreaterThan(0);
  });
});
