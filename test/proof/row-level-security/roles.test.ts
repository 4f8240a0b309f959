import { both, globex, inScratch, notes, onlyGlobex } from './scratch.js';

const read = 'SELECT text FROM notes ORDER BY text';

describe('who is above the policies', () => {
  it('the owner of a table is not, because they are forced', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      expect(await as(globex, read, 'owner')).toEqual([]); // no policy is for the owner
      expect(await as(globex, read)).toEqual(onlyGlobex);
      await admin('ALTER TABLE notes NO FORCE ROW LEVEL SECURITY');
      expect(await as(globex, read, 'owner')).toEqual(both);
      expect(await findings(/app can reach has row-level security/)).toContain('notes');
    }));

  it('a role with BYPASSRLS is, and none of ours has it', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      expect(await findings(/no role can pass by/)).toBe('[]');
      await admin('ALTER ROLE app BYPASSRLS');
      expect(await as(globex, read)).toEqual(both);
      expect(await findings(/no role can pass by/)).toContain('app');
    }));

  it('a superuser is, and none of ours is one', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      expect(await admin(read)).toEqual(both);
      await admin('ALTER ROLE app SUPERUSER');
      expect(await as(globex, read)).toEqual(both);
      expect(await findings(/no role can pass by/)).toContain('app');
    }));

  it('a role that can become one of these is found out', () =>
    inScratch(async ({ admin, findings }) => {
      await admin('CREATE ROLE reads_all BYPASSRLS; GRANT reads_all TO app');
      expect(await findings(/no role can pass by/)).toContain('app');
    }));
});

describe('a function with the rights of its owner', () => {
  const leak = `CREATE FUNCTION leak() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC SELECT text FROM notes ORDER BY text; END; GRANT EXECUTE ON FUNCTION leak() TO app`;
  const call = 'SELECT leak() AS text';

  it('of a superuser reads every tenant, and is found out', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(leak);
      expect(await as(globex, call)).toEqual(both);
      expect(await findings(/no function runs with the rights of its owner/)).toContain('leak()');
    }));

  it('of the owner reads nothing, because policies are forced, and is found out all the same', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(`${leak}; ALTER FUNCTION leak() OWNER TO owner`);
      expect(await as(globex, call)).toEqual([]);
      expect(await findings(/no function runs with the rights of its owner/)).toContain('leak()');
    }));

  it('with the rights of its caller reads the caller’s tenant', () =>
    inScratch(async ({ admin, as, findings }) => {
      await admin(notes());
      await admin(leak.replace('SECURITY DEFINER', 'SECURITY INVOKER'));
      expect(await as(globex, call)).toEqual(onlyGlobex);
      expect(await findings(/no function runs with the rights of its owner/)).toBe('[]');
    }));
});

it('a backup by the owner fails instead of keeping a part: pg_dump switches row_security off', () =>
  inScratch(async ({ admin, as }) => {
    await admin(notes());
    const dump = `SET LOCAL row_security = off; ${read}`;
    await expect(as(globex, dump, 'owner')).rejects.toThrow(/would be affected by row-level security policy/);
    await admin('SET LOCAL row_security = off');
    expect(await admin(read)).toEqual(both); // whom the policies do not concern: a role for backups
  }));
