import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../src/generated/prisma/client.js';
import { BoundPool } from '../../../src/isolation/database/bound-pool.js';
import { tenantBinding } from '../../../src/isolation/database/clients.js';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

describe('Prisma merges findUnique calls of one tick into one statement', () => {
  it('across tenants, on a bare client: the attacker is handed the victim’s row', async () => {
    const tenants = new AsyncLocalStorage<string>();
    const prove = tenantProver(process.env['TENANT_PROOF_KEY'] ?? '');
    const pool = new BoundPool({ connectionString: process.env['DATABASE_URL'] ?? '' }, () =>
      tenantBinding(tenants.getStore() ?? '', prove),
    );
    const bare = new PrismaClient({ adapter: new PrismaPg(pool) });
    const { acme, globex } = world;
    const victims = { tenantId_number: { tenantId: acme.id, number: 1 } };
    const findAs = (tenantId: string) =>
      tenants.run(tenantId, async () => await bare.project.findUnique({ where: victims }));

    expect(await findAs(globex.id)).toBeNull(); // alone, row-level security holds
    const [, attackers] = await Promise.all([findAs(acme.id), findAs(globex.id)]);
    expect(attackers?.description).toBe(acme.marker);

    await bare.$disconnect();
    await pool.end();
  });

  it.each(['findUnique', 'findUniqueOrThrow'])('%s is not there on the tenant database', async (operation) => {
    const { acme } = world;
    const database = testApp.get(TenantDatabase);
    const call = (model: object) => () => (model as Record<string, () => unknown>)[operation]?.();
    await acme.admin.run(() =>
      database.$transaction((transaction) => {
        for (const model of [database.project, transaction.project]) {
          expect(call(model)).toThrow(/would batch it across tenants/);
        }
        return Promise.resolve();
      }),
    );
  });

  it('what there is instead is not merged: in one tick, each tenant gets its own row', async () => {
    const database = testApp.get(TenantDatabase);
    const tenants = [world.acme, world.globex, world.acme, world.globex];
    const rows = await Promise.all(
      tenants.map(({ admin }) => admin.run(() => database.project.findFirstOrThrow({ where: { number: 1 } }))),
    );
    expect(rows.map(({ description }) => description)).toEqual(tenants.map(({ marker }) => marker));
  });
});
