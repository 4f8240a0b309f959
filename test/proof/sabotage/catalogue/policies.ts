import { adminUrl, withPostgres } from '../../../support/postgres.js';
import type { Sabotage } from '../sabotage.js';

const inventory = 'test/isolation/database/inventory.test.ts';
const crossing = 'test/isolation/database/crossing.test.ts';

interface Policy {
  readonly name: string;
  readonly table: string;
  readonly isPermissive: boolean;
  readonly isOfApp: boolean;
  readonly hasUsing: boolean;
  readonly hasCheck: boolean;
}
interface Table {
  readonly name: string;
  readonly isOfApp: boolean;
}

/** Every policy, FORCE and missing right, as the catalogs have them: a new table is sabotaged without being named here. */
export async function policies(): Promise<Sabotage[]> {
  return withPostgres(adminUrl(), async (client) => {
    const policies = await client.query<Policy>(`
      SELECT polname AS name, relname AS "table", polpermissive AS "isPermissive", 'app'::regrole = ANY (polroles) AS "isOfApp",
             polqual IS NOT NULL AS "hasUsing", polwithcheck IS NOT NULL AS "hasCheck"
        FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid ORDER BY relname, polname`);
    const tables = await client.query<Table>(`
      SELECT relname AS name, has_any_column_privilege('app', oid, 'SELECT') AS "isOfApp"
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity ORDER BY relname`);
    const lacking = await client.query<{ table: string; role: string; right: string }>(`
      SELECT relname AS "table", role, (array_agg(privilege ORDER BY privilege))[1] AS right
        FROM pg_class, unnest(ARRAY['app', 'system']) AS role, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT has_table_privilege(role, oid, privilege)
       GROUP BY relname, role ORDER BY relname, role`);
    return [
      ...policies.rows.map(policySabotage),
      ...tables.rows.flatMap(tableSabotages),
      ...lacking.rows.map(({ table, role, right }) => ({
        guard: `grants: ${role} may not ${right} ${table}`,
        breaks: { sql: `GRANT ${right} ON ${table} TO ${role}` },
        red: { file: inventory, title: `${role} has exactly the rights that are listed` },
      })),
    ];
  });
}

function policySabotage({ name, table, isPermissive, isOfApp, hasUsing, hasCheck }: Policy): Sabotage {
  const guard = `policy ${table}.${name}`;
  if (isOfApp)
    return {
      guard,
      breaks: { sql: `DROP POLICY ${name} ON ${table}` },
      red: {
        file: inventory,
        title: `${isPermissive ? 'permissive' : 'restrictive'} policy on the proven tenant, for every command holds`,
      },
    };
  const open = [...(hasUsing ? ['USING (true)'] : []), ...(hasCheck ? ['WITH CHECK (true)'] : [])].join(' ');
  return {
    guard,
    breaks: { sql: `ALTER POLICY ${name} ON ${table} ${open}` },
    red: { file: inventory, title: 'every policy of the system role is for a work it names holds' },
  };
}

function tableSabotages({ name, isOfApp }: Table): Sabotage[] {
  const forced: Sabotage = {
    guard: `FORCE ${name}`,
    breaks: { sql: `ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY` },
    red: { file: inventory, title: 'row-level security enabled and forced, whoever reaches it holds' },
  };
  const open = (policy: string) => `ALTER POLICY ${policy} ON ${name} USING (true)`;
  const opened: Sabotage = {
    guard: `policies of ${name} together`,
    breaks: { sql: `${open('tenant_rows')}; ${open('tenant_guard')}` },
    red: readingTest(name),
  };
  return isOfApp ? [forced, opened] : [forced];
}

/** Tables that are no model of TenantDatabase, with the test that reads them across tenants all the same. */
const otherwiseRead: Readonly<Record<string, Sabotage['red']>> = {
  tenants: { file: crossing, title: 'tenants themselves are visible to nobody else' },
  outbox: { file: crossing, title: 'a raw query on outbox, which is no model' },
  search_words: {
    file: 'test/isolation/database/search.test.ts',
    title: 'words cannot be read, planted, moved or removed in another tenant',
  },
};

/** The test that reads the table across tenants, with no policy to stop it. */
function readingTest(table: string): Sabotage['red'] {
  const model = table.replace(/s$/, '').replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return otherwiseRead[table] ?? { file: crossing, title: `a query on ${model} that forgets its WHERE` };
}
