import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { SearchRepository } from '../../../src/features/search/search.repository.js';
import { SearchService } from '../../../src/features/search/search.service.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type TenantOfWorld, type World } from '../../support/world.js';

// The words that rows are found by are a copy of the rows' texts: they have to be as isolated, and as fresh.
let testApp: TestApp;
let world: World;
let database: TenantDatabase;
beforeEach(async () => {
  world = await createWorld(testApp);
});
beforeAll(async () => {
  testApp = await startTestApp();
  database = testApp.get(TenantDatabase);
});
afterAll(() => testApp.close());

const find = ({ admin }: TenantOfWorld, text: string) => admin.run(() => testApp.get(SearchService).find(text, 100));
const addProjects = ({ admin }: TenantOfWorld, count: number, name: string) =>
  admin.run(() => database.project.createMany({ data: Array.from({ length: count }, () => ({ name })) }));

it('the same words on both sides find one’s own rows, and nobody else’s', async () => {
  for (const tenant of [world.acme, world.globex]) {
    const found = await find(tenant, 'task of project 1 2 3');
    expect(found).toHaveLength(6);
    for (const { tenantId, title } of found)
      expect([tenantId, title]).toEqual([tenant.id, expect.stringContaining(tenant.marker)]);
  }
});

it('a word that only the other tenant has finds nothing, whole or begun', async () => {
  const secret = `merger${randomUUID().replaceAll('-', '')}`;
  await addProjects(world.acme, 1, secret);
  for (const text of [secret, `${secret} `, secret.slice(0, -5), `${secret} OR tenant_id IS NOT NULL`]) {
    expect(await find(world.globex, text)).toEqual([]);
  }
  for (const text of [secret, secret.slice(0, -5)]) expect(await find(world.acme, text)).toHaveLength(1);
});

it('what another tenant has changes no result, score, order or extract', async () => {
  await addProjects(world.globex, 3, 'Rare walnut table');
  const before = await find(world.globex, 'walnut table of project');
  expect(before).toHaveLength(6);
  await addProjects(world.acme, 1500, 'Rare walnut table');
  await withPostgres(adminUrl(), (client) => client.query('ANALYZE search_words, projects, tasks'));
  expect(await find(world.globex, 'walnut table of project')).toEqual(before);
  // … and what one has oneself does.
  await addProjects(world.globex, 1, 'Walnut');
  expect(await find(world.globex, 'walnut table of project')).not.toEqual(before);
});

it('words cannot be read, planted, moved or removed in another tenant', async () => {
  const { acme, globex } = world;
  const asAttacker = <T>(work: () => PromiseLike<T>) => globex.admin.run(work);
  const plant = (tenantId: string) => database.$executeRaw`
    INSERT INTO search_words (tenant_id, word, weight, number, kind) VALUES (${tenantId}::uuid, 'planted', 5, 1, 'project')`;
  await expect(asAttacker(() => plant(acme.id))).rejects.toThrow(/row-level security/);
  await expect(asAttacker(() => plant(globex.id))).resolves.toBe(1);
  const words = () => database.$queryRaw<{ tenant_id: string }[]>`SELECT DISTINCT tenant_id FROM search_words`;
  expect(await asAttacker(words)).toEqual([{ tenant_id: globex.id }]);
  const move = () => database.$executeRaw`UPDATE search_words SET tenant_id = ${acme.id}::uuid`;
  await expect(asAttacker(move)).rejects.toThrow(/permission denied/);
  const remove = (tenantId: string) => database.$executeRaw`DELETE FROM search_words WHERE tenant_id = ${tenantId}::uuid`;
  expect(await asAttacker(() => remove(acme.id))).toBe(0);
  expect(await find(acme, 'planted')).toEqual([]);
  expect(await find(acme, 'project')).toHaveLength(3);
  expect(await asAttacker(() => remove(globex.id))).toBeGreaterThan(0);
  expect(await find(globex, 'project')).toEqual([]);
}); // prettier-ignore

/** What differs between the words there are and those that the texts have, of everybody. */
const differences = `
  WITH expected AS (
    SELECT tenant_id, 'project' AS kind, number, word, weight FROM projects, app_private.words_of(number, name, description)
    UNION ALL SELECT tenant_id, 'task', number, word, weight FROM tasks, app_private.words_of(number, title, '')
  ), held AS (SELECT tenant_id, kind, number, word, weight FROM search_words)
  (SELECT 'missing', * FROM (TABLE expected EXCEPT TABLE held)) UNION ALL (SELECT 'left over', * FROM (TABLE held EXCEPT TABLE expected))`;

it('the words are those of the texts after every kind of change, alone, in numbers, by cascade and rolled back', async () => {
  const { admin } = world.acme;
  const change = (client: pg.Client) => client.query(`${differences} LIMIT 10`);
  const expectNone = () =>
    withPostgres(adminUrl(), async (client) => {
      const own = (await change(client)).rows.filter((row: { tenant_id: string }) => row.tenant_id === world.acme.id);
      expect(own).toEqual([]);
    });
  const rolledBack = new Error('rolled back');
  const changes: (() => Promise<unknown>)[] = [
    () => database.project.createMany({ data: [{ name: 'one two' }, { name: 'two', description: 'two three' }] }),
    () => database.project.updateMany({ data: { description: 'Everybody’s description' } }),
    () => database.project.updateMany({ where: { number: 4 }, data: { number: 40, name: 'renumbered' } }),
    () => database.task.updateMany({ data: { title: 'Another title' } }),
    () => database.task.create({ data: { projectNumber: 40, title: 'in a project that will go' } }),
    () => database.project.deleteMany({ where: { number: { in: [1, 40] } } }),
    () => database.task.deleteMany({ where: { number: 2 } }),
    () =>
      database
        .$transaction(async (transaction) => {
          await transaction.project.deleteMany();
          throw rolledBack;
        })
        .catch((error: unknown) => expect(error).toBe(rolledBack)),
  ];
  for (const each of changes) {
    await admin.run(each);
    await expectNone();
  }
  expect(await find(world.acme, 'another title')).toHaveLength(1);
  // The tenant itself goes.
  await withPostgres(adminUrl(), async (client) => {
    await client.query('DELETE FROM tenants WHERE id = $1', [world.acme.id]);
    const { rows } = await client.query('SELECT FROM search_words WHERE tenant_id = $1', [world.acme.id]);
    expect(rows).toEqual([]);
  });
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}
type Raw = (strings: readonly string[], ...values: readonly unknown[]) => Promise<readonly { 'QUERY PLAN': unknown }[]>;
const scansOf = (node: PlanNode): PlanNode[] => [
  ...(node['Relation Name'] === undefined ? [] : [node]),
  ...(node.Plans ?? []).flatMap(scansOf),
];

/** How PostgreSQL would run a statement for the tenant, whatever its parameters turn out to be. */
function explaining(scans: PlanNode[]): TenantDatabase {
  const explain = async (strings: readonly string[], ...values: readonly unknown[]) => {
    const texts = [`EXPLAIN (FORMAT JSON, GENERIC_PLAN) ${strings[0] ?? ''}`, ...strings.slice(1)];
    const [row] = await (database.$queryRaw as unknown as Raw)(Object.assign(texts, { raw: texts }), ...values);
    scans.push(...scansOf((row?.['QUERY PLAN'] as [{ Plan: PlanNode }])[0].Plan));
    return [];
  };
  return { $queryRaw: explain } as unknown as TenantDatabase;
}

it('is planned under the policies as searches of an index by tenant and word, and no scan; a filter with @@ is not', async () => {
  await addProjects(world.acme, 1500, 'walnut table');
  const tasks = Array.from({ length: 1500 }, () => ({ projectNumber: 1, title: 'walnut table' }));
  await world.acme.admin.run(() => database.task.createMany({ data: tasks }));
  await withPostgres(adminUrl(), (client) => client.query('VACUUM ANALYZE search_words, projects, tasks'));
  const scans: PlanNode[] = [];
  await world.acme.admin.run(() =>
    new SearchRepository(explaining(scans), testApp.get(TenantContext)).find('walnut tab', 20),
  );
  const conditions = scans.map((scan) => [scan['Relation Name'], scan['Node Type'], scan['Index Cond']]);
  const byTenantAnd = (...rest: string[]) => expect.stringMatching(['tenant_id = ', ...rest].join('.*')) as unknown;
  expect(conditions).toEqual([
    ['search_words', 'Index Only Scan', byTenantAnd('word = ')],
    ['search_words', 'Index Only Scan', byTenantAnd('word > ', 'word < ')],
    ['projects', 'Index Scan', byTenantAnd('number = ')],
    ['tasks', 'Index Scan', byTenantAnd('number = ')],
  ]);
  const filtered: PlanNode[] = [];
  await world.acme.admin.run(
    () => explaining(filtered).$queryRaw`
      SELECT number FROM search_words WHERE tenant_id = ${world.acme.id}::uuid AND to_tsvector('english', word) @@ 'walnut'`,
  );
  for (const scan of filtered) expect(scan['Index Cond'] ?? '').not.toContain('word');
  expect(filtered).toHaveLength(1);
}); // prettier-ignore
