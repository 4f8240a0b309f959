import { acme, both, globex, inScratch, notes, onlyGlobex, type Scratch } from './scratch.js';

const read = 'SELECT text FROM notes ORDER BY text';

describe('a view', () => {
  const view = 'SELECT text FROM seen ORDER BY text';
  const rule = /no view, materialized view or foreign table/;
  const create = (kind: string) => `CREATE ${kind} AS SELECT * FROM notes; GRANT SELECT ON seen TO app`;

  it('of a superuser shows every tenant, and is found out', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(create('VIEW seen'));
      expect(await as(globex, view)).toEqual(both);
      expect(await findings(rule)).toContain('seen');
    }));

  it('of the owner shows nothing, because policies are forced, and is found out all the same', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(`${create('VIEW seen')}; ALTER VIEW seen OWNER TO owner`);
      expect(await as(globex, view)).toEqual([]);
      expect(await findings(rule)).toContain('seen');
    }));

  it('with the rights of its caller shows the caller’s tenant', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(create('VIEW seen WITH (security_invoker = true)'));
      expect(await as(globex, view)).toEqual(onlyGlobex);
      expect(await findings(rule)).toBe('[]');
    }));

  it('that is materialized knows no policies, and is found out', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(create('MATERIALIZED VIEW seen'));
      expect(await as(globex, view)).toEqual(both);
      expect(await findings(rule)).toContain('seen');
    }));
});

describe('partitions', () => {
  const asPartition = `ALTER TABLE notes RENAME TO part;
    CREATE TABLE notes (LIKE part) PARTITION BY LIST (number);
    ALTER TABLE part NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY; REVOKE ALL ON part FROM app;
    ALTER TABLE notes ATTACH PARTITION part FOR VALUES IN (1);
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant_rows ON notes TO app USING (tenant_id = (SELECT app_private.current_tenant()));
    CREATE POLICY tenant_guard ON notes AS RESTRICTIVE TO app USING (tenant_id = (SELECT app_private.current_tenant()));
    GRANT SELECT ON notes TO app`;
  const readPart = 'SELECT text FROM part ORDER BY text';

  it('are read through their parent, whose policies hold, and not by themselves', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(asPartition);
      expect(await as(globex, read)).toEqual(onlyGlobex);
      await expect(as(globex, readPart)).rejects.toMatchObject({ code: '42501' });
      expect(await findings(/app can reach has row-level security/)).toBe('[]');
    }));

  it('show every tenant when they are granted, which is found out', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(`${asPartition}; GRANT SELECT ON part TO app`);
      expect(await as(globex, readPart)).toEqual(both);
      expect(await findings(/app can reach has row-level security/)).toContain('part');
    }));
});

// Permissive policies are ORed: the widest one decides.
describe.each([
  ['a careless second policy', 'USING (true)', ''],
  ['a policy that passes when no tenant is set', "USING (current_setting('app.unset', true) IS NULL)", ''],
  [
    'a policy that a setting opens',
    "USING (current_setting('app.bypass_rls', true) = 'on')",
    "SELECT set_config('app.bypass_rls', 'on', true);",
  ],
])('%s', (_, condition, beforehand) => {
  const readAs = async ({ admin, as }: Scratch) => {
    await as(globex, beforehand || 'SELECT');
    await admin(`CREATE POLICY wide ON notes FOR SELECT TO app ${condition}`);
    return as(globex, read);
  };

  it('opens every tenant where there is no guard', () =>
    inScratch(async (scratch) => {
      await scratch.admin(notes({ without: ['guard'] }));
      expect(await readAs(scratch)).toEqual(both);
    }));

  it('opens nothing beside the restrictive guard, and is found out', () =>
    inScratch(async (scratch) => {
      await scratch.admin(notes());
      expect(await readAs(scratch)).toEqual(onlyGlobex);
      expect(await scratch.findings(/no further policy/)).toContain('wide');
    }));
});

describe('what row-level security does not cover', () => {
  it('TRUNCATE empties every tenant’s table, and is granted to nobody', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await expect(as(globex, 'TRUNCATE notes')).rejects.toMatchObject({ code: '42501' });
      expect(await findings(/no right on a table beyond/)).toBe('[]');
      await admin('GRANT TRUNCATE ON notes TO app');
      await as(globex, 'TRUNCATE notes');
      expect(await admin(read)).toEqual([]);
      expect(await findings(/no right on a table beyond/)).toContain('notes');
    }));

  it('REFERENCES tells whether a row exists, and is granted to nobody', () =>
    inScratch(async ({ admin, findings }) => {
      await admin(`${notes()}; GRANT REFERENCES ON notes TO app`);
      expect(await findings(/no right on a table beyond/)).toContain('REFERENCES');
    }));

  it('COPY to the client sends the caller’s rows only, and every row where there is no policy', () =>
    inScratch(async ({ admin, as, client }) => {
      await admin(notes());
      const copied = async (send: (sql: string) => Promise<unknown>) => {
        const lines: string[] = [];
        const keep = ({ chunk }: { chunk: Buffer }) => lines.push(chunk.toString().trim());
        const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
        connection.on('copyData', keep);
        await send('COPY notes (text) TO STDOUT').finally(() => connection.off('copyData', keep));
        return lines;
      };
      expect(await copied((sql) => as(globex, sql))).toEqual(['of globex']);
      expect(await copied(admin)).toEqual(['of acme', 'of globex']);
    }));

  it('COPY into a table with policies is refused', () =>
    inScratch(async ({ admin, as }) => {
      await admin(notes());
      await expect(as(globex, 'COPY notes FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
      const insert = `INSERT INTO notes VALUES ('${globex}', 2, 'second')`;
      await expect(as(globex, insert)).resolves.toEqual([]);
    }));

  it('an upsert cannot take over the row that it meets, and can its own', () =>
    inScratch(async ({ admin, as }) => {
      await admin(notes());
      const upsert = (tenant: string, action: string) =>
        `INSERT INTO notes VALUES ('${tenant}', 1, 'x') ON CONFLICT (tenant_id, number) DO ${action}`;
      for (const action of ['NOTHING', "UPDATE SET text = 'taken over'"])
        await expect(as(globex, upsert(acme, action))).rejects.toMatchObject({ code: '42501' });
      await as(globex, upsert(globex, "UPDATE SET text = 'changed'"));
      expect(await admin(read)).toEqual([{ text: 'changed' }, { text: 'of acme' }]);
      await admin('ALTER TABLE notes DISABLE ROW LEVEL SECURITY');
      await as(globex, upsert(acme, "UPDATE SET text = 'taken over'"));
      expect(await admin(read)).toEqual([{ text: 'changed' }, { text: 'taken over' }]);
    }));

  it('a publication streams every tenant’s rows, there is none, and app can make none nor read the stream', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      expect(await findings(/no publication/)).toBe('[]');
      for (const attempt of [
        'CREATE PUBLICATION mine FOR TABLE notes',
        "SELECT pg_create_logical_replication_slot('mine', 'test_decoding')",
      ])
        await expect(as(globex, attempt)).rejects.toMatchObject({ code: '42501' });
      await admin('CREATE PUBLICATION everything FOR TABLE notes');
      expect(await findings(/no publication/)).toContain('everything');
    }));
});
