import { Controller, Get, Module, Query } from '@nestjs/common';
import { z } from 'zod';
import { AppModule } from '../../../src/app.module.js';
import { Prisma } from '../../../src/generated/prisma/client.js';
import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { TenantDatabase } from '../../../src/isolation/database/index.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

const RawQuery = z.object({ name: z.string().optional(), statement: z.string().optional() });

/** What must never be written: user input pasted into SQL, or taken as SQL. */
@Controller('test/raw')
class InjectableController {
  constructor(private readonly database: TenantDatabase) {}

  @Get()
  find(@Query({ schema: RawQuery }) { name, statement }: z.infer<typeof RawQuery>) {
    const sql = statement ?? vulnerableQuery(name ?? '');
    return this.database.$queryRaw(Prisma.raw(sql));
  }
}
const vulnerableQuery = (name: string) => `SELECT name, description FROM projects WHERE name = '${name}'`;

@Module({ imports: [AppModule], controllers: [InjectableController] })
class InjectableModule {}

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp(InjectableModule);
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

async function inject(parameter: 'name' | 'statement', value: string): Promise<string> {
  const answer = await world.attackerOf(world.acme).get(`/test/raw?${parameter}=${encodeURIComponent(value)}`);
  return answer.text;
}

const set = (name: string, value: string) => `set_config('${name}', '${value}', true)`;

// Each pastes into the string literal of the query above. VICTIM stands for the victim's tenant id.
const intoLiteral: [string, string][] = [
  ['a tautology', `' OR true --`],
  ['UNION', `' UNION SELECT name, description FROM projects --`],
  ['set_config in the condition', `' OR ${set('app.tenant_id', 'VICTIM')} <> '' --`],
  ['set_config in a sub-select', `' OR (SELECT ${set('app.tenant_id', 'VICTIM')}) <> '' --`],
  [
    'set_config evaluated first, then a lateral read',
    `' UNION SELECT p.name, p.description FROM (SELECT ${set('app.tenant_id', 'VICTIM')} AS s OFFSET 0) AS x,
       LATERAL (SELECT name, description FROM projects WHERE x.s <> '') AS p --`,
  ],
  ['row_security switched off', `' OR ${set('row_security', 'off')} <> '' --`],
  [
    'SQL run by an XML function',
    `' UNION SELECT query_to_xml('SELECT description FROM projects', true, false, '')::text, '' --`,
  ],
  ['a stacked SET LOCAL', `'; SET LOCAL app.tenant_id = 'VICTIM'; SELECT description FROM projects --`],
  ['a stacked COMMIT', `'; COMMIT; SELECT description FROM projects --`],
];

// Each is the whole statement.
const asStatement: [string, string][] = [
  [
    'a CTE that sets the tenant before it reads',
    `WITH x AS MATERIALIZED (SELECT ${set('app.tenant_id', 'VICTIM')} AS s)
     SELECT p.* FROM x, LATERAL (SELECT description FROM projects WHERE x.s <> '') AS p`,
  ],
  [
    'a CTE that sets the tenant for every row of a series',
    `SELECT (SELECT description FROM projects WHERE ${set('app.tenant_id', 'VICTIM')} <> '' LIMIT 1) FROM generate_series(1, 3)`,
  ],
  [
    'a DO block that tells by its error message',
    `DO $$ DECLARE found text; BEGIN PERFORM ${set('app.tenant_id', 'VICTIM')};
      SELECT string_agg(description, ',') INTO found FROM projects; RAISE EXCEPTION 'found %', found; END $$`,
  ],
  ['SET for the session', `SET app.tenant_id = 'VICTIM'`],
  ['COPY to the client', `COPY (SELECT description FROM projects) TO STDOUT`],
  ['EXPLAIN ANALYZE', `EXPLAIN ANALYZE SELECT description FROM projects`],
  ['the system role’s table', `SELECT email FROM users`],
  ['the key of the proofs', `SELECT inner_pad FROM app_private.proof_key`],
  ['other sessions’ statements', `SELECT query FROM pg_stat_activity`],
  ['column statistics', `SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'projects'`],
];

const ofVictim = (sql: string) => sql.replaceAll('VICTIM', world.acme.id);

it.each(intoLiteral)('pasted into a query, %s reads nothing of another tenant', async (_, attack) => {
  expect(await inject('name', ofVictim(attack))).not.toContain(world.acme.marker);
});

it.each(asStatement)('as a whole statement, %s reads nothing of another tenant', async (_, attack) => {
  expect(await inject('statement', ofVictim(attack))).not.toContain(world.acme.marker);
});

it('nothing of the victim has reached the log by way of error messages', () => {
  expect(testApp.log.join('\n')).not.toContain(world.acme.marker);
});

it('the attacks work: the injected route yields one’s own rows, and a role without policies yields the victim’s', async () => {
  const [, tautology] = intoLiteral[0] as [string, string];
  expect(await inject('name', tautology)).toContain(world.globex.marker);
  const readable = [...intoLiteral.slice(0, 6).map(([, attack]) => vulnerableQuery(attack)), asStatement[0]?.[1] ?? ''];
  await withPostgres(adminUrl(), async (client) => {
    for (const sql of readable) {
      const { rows } = await client.query({ text: ofVictim(sql), values: [], rowMode: 'array' });
      expect(JSON.stringify(rows)).toContain(world.acme.marker);
    }
  });
});

it('a write into another tenant is answered like something that does not exist, and raises a security event', async () => {
  const insert = (tenant: string) => `INSERT INTO projects (tenant_id, number, name) VALUES ('${tenant}', 900, 'x')`;
  const attacker = world.attackerOf(world.acme);
  const send = (statement: string) => attacker.get(`/test/raw?statement=${encodeURIComponent(statement)}`);
  const events = testApp.get(SecurityEvents);
  const before = events.count('database', 'refused by policy');
  const { status, text } = await send(insert(world.acme.id));
  expect([status, text]).toEqual([404, (await attacker.get('/api/projects/999999')).text]);
  expect(events.count('database', 'refused by policy')).toBe(before + 1);
  expect((await send(insert(world.globex.id))).status).toBe(200);
});

it('the connection that an attack used serves the next tenant its own rows', async () => {
  for (const [, attack] of asStatement) await inject('statement', ofVictim(attack));
  const answers = await Promise.all(Array.from({ length: 30 }, () => world.acme.admin.get('/api/projects')));
  for (const { text } of answers) {
    expect(text).toContain(world.acme.marker);
    expect(text).not.toContain(world.globex.marker);
  }
});
