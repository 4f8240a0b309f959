import { acme, globex, inScratch, notes, type Row, type Scratch } from './scratch.js';

// Nothing is read, and yet something is told: by an error, an estimate, a number, a function that listens.

describe('a unique constraint', () => {
  const insert = (text: string) => `INSERT INTO notes VALUES ('${globex}', 2, '${text}')`;

  it('that begins with the tenant does not tell another tenant’s value', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(`${notes()}; ALTER TABLE notes ADD UNIQUE (tenant_id, text)`);
      await expect(as(globex, insert('of globex'))).rejects.toMatchObject({ code: '23505' });
      await expect(as(globex, insert('of acme'))).resolves.toEqual([]);
      expect(await findings(/unique constraint starts with the tenant/)).toBe('[]');
    }));

  it('that does not tells that there is one, and is found out', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(`${notes()}; ALTER TABLE notes ADD UNIQUE (text)`);
      const error = (await as(globex, insert('of acme')).catch((thrown: unknown) => thrown)) as Row;
      expect(error['code']).toBe('23505');
      expect(error['detail']).toBeUndefined(); // it would name the value
      expect(await findings(/unique constraint starts with the tenant/)).toContain('notes_text_key');
    }));
});

describe('a foreign key', () => {
  const replies = (key: string) => `CREATE TABLE replies (tenant_id uuid, note integer, FOREIGN KEY ${key});
    ALTER TABLE replies OWNER TO owner; ALTER TABLE replies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant_rows ON replies TO app USING (tenant_id = (SELECT app_private.current_tenant()));
    GRANT SELECT, INSERT ON replies TO app`;
  const refer = async ({ as }: Scratch, note: number) => {
    try {
      await as(globex, `INSERT INTO replies VALUES ('${globex}', ${String(note)})`);
      return 'accepted';
    } catch (error) {
      return (error as Row)['code'];
    }
  };
  const rule = /foreign key starts with the tenant/;

  it('that begins with the tenant takes another tenant’s row for one that does not exist', () =>
    inScratch(async (scratch) => {
      await scratch.admin(`${notes()}; INSERT INTO notes VALUES ('${acme}', 7, 'only acme has a seventh')`);
      await scratch.admin(replies('(tenant_id, note) REFERENCES notes (tenant_id, number)'));
      expect([await refer(scratch, 7), await refer(scratch, 8)]).toEqual(['23503', '23503']);
      expect(await refer(scratch, 1)).toBe('accepted');
      expect(await scratch.findings(rule)).toBe('[]');
      const forAcme = scratch.as(globex, `INSERT INTO replies VALUES ('${acme}', 7)`);
      await expect(forAcme).rejects.toMatchObject({ code: '42501' });
    }));

  it('that does not refers to it, tells it from one that does not exist, and is found out', () =>
    inScratch(async (scratch) => {
      await scratch.admin(`${notes()}; INSERT INTO notes VALUES ('${acme}', 7, 'only acme has a seventh')`);
      await scratch.admin('DELETE FROM notes WHERE number = 1; ALTER TABLE notes ADD UNIQUE (number)');
      await scratch.admin(replies('(note) REFERENCES notes (number)'));
      expect([await refer(scratch, 7), await refer(scratch, 8)]).toEqual(['accepted', '23503']);
      expect(await scratch.findings(rule)).toContain('replies_note_fkey');
    }));
});

describe('a condition that passes on what it is given', () => {
  const spy = `CREATE FUNCTION spy(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
    AS $$ BEGIN RAISE NOTICE '%', value; RETURN true; END $$; GRANT EXECUTE ON FUNCTION spy(text) TO app`;
  const heard = async ({ as, client }: Scratch) => {
    const values = new Set<string>();
    const listen = ({ message }: { message: string | undefined }) => values.add(message ?? '');
    client.on('notice', listen);
    await as(
      globex,
      'SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SELECT FROM notes WHERE spy(text)',
    );
    client.off('notice', listen);
    return [...values].sort();
  };

  it('is given the rows that the policies let through, however cheap it says it is', () =>
    inScratch(async (scratch) => {
      await scratch.admin(`${notes()}; ${spy}`);
      expect(await heard(scratch)).toEqual(['of globex']);
    }));

  it('is given every tenant’s once a superuser has called it leakproof, which is found out', () =>
    inScratch(async (scratch) => {
      await scratch.admin(`${notes()}; ${spy}; ALTER FUNCTION spy(text) LEAKPROOF`);
      expect(await heard(scratch)).toEqual(['of acme', 'of globex']);
      expect(await scratch.findings(/before the policies have let them through/)).toContain('spy');
    }));

  it.each(['FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1', 'OPERATOR === (FUNCTION = texteq, LEFTARG = text)'])(
    'cannot be made by app: CREATE %s',
    (definition) =>
      inScratch(async ({ as, findings }) => {
        await expect(as(globex, `CREATE ${definition}`)).rejects.toMatchObject({ code: '42501' });
        expect(await findings(/can create nothing/)).toBe('[]');
      }),
  );
});

describe('statistics', () => {
  it('of values are not shown, by no view and no catalog', () =>
    inScratch(async ({ admin, as }) => {
      await admin(`${notes()}; CREATE STATISTICS pair ON number, text FROM notes; ANALYZE notes`);
      const views = ["SELECT FROM pg_stats WHERE tablename = 'notes'", 'SELECT FROM pg_stats_ext WHERE false'];
      expect(await admin(views[0] ?? '')).not.toEqual([]);
      for (const view of views) expect(await as(globex, view)).toEqual([]);
      for (const catalog of ['pg_statistic', 'pg_statistic_ext_data'])
        await expect(as(globex, `SELECT FROM ${catalog}`)).rejects.toMatchObject({ code: '42501' });
    }));

  // A known limit: docs/threat-model.md.
  it('of all tenants together show in row counts, sizes and estimates: how many and how common, not whose', () =>
    inScratch(async ({ admin, as }) => {
      await admin(`${notes()}; INSERT INTO notes SELECT '${acme}', n, 'common' FROM generate_series(2, 20000) AS n`);
      await admin('ANALYZE notes');
      const [size] = await as(globex, "SELECT reltuples FROM pg_class WHERE relname = 'notes'");
      expect(size).toEqual({ reltuples: 20001 });
      const estimate = async (text: string) => {
        const [plan] = await as(globex, `EXPLAIN (FORMAT JSON) SELECT FROM notes WHERE text = '${text}'`);
        const [{ Plan }] = plan?.['QUERY PLAN'] as [{ Plan: { 'Plan Rows': number } }];
        return Plan['Plan Rows'];
      };
      expect(await estimate('common')).toBeGreaterThan(1000);
      expect(await estimate('of acme')).toBe(await estimate('of nobody'));
      expect(await as(globex, "SELECT FROM notes WHERE text = 'common'")).toEqual([]);
    }));
});

it('a number that is counted for all tenants tells how much others do; numbers are each tenant’s own', () =>
  inScratch(async ({ admin, as, findings }) => {
    await admin('CREATE SEQUENCE shared; GRANT USAGE ON SEQUENCE shared TO app');
    const next = async (tenant: string) => (await as(tenant, "SELECT nextval('shared')::int AS n"))[0]?.['n'];
    expect([await next(globex), await next(acme), await next(globex)]).toEqual([1, 2, 3]);
    expect(await findings(/no sequence counts for all/)).toContain('shared');
    await admin('REVOKE ALL ON SEQUENCE shared FROM app');
    expect(await findings(/no sequence counts for all/)).toBe('[]');
  }));
