import pg from 'pg';
import { bindStatement, type Binding } from './bound-query.js';

const attributesQuery = `
  SELECT role.rolsuper AS "is a superuser",
         role.rolbypassrls AS "has BYPASSRLS",
         EXISTS (SELECT FROM pg_roles AS other
                  WHERE (other.rolsuper OR other.rolbypassrls) AND other.oid <> role.oid
                    AND pg_has_role(role.oid, other.oid, 'MEMBER')) AS "can become a role that bypasses row-level security",
         EXISTS (SELECT FROM pg_class AS relation
                  WHERE relation.relnamespace = 'public'::regnamespace
                    AND pg_has_role(role.oid, relation.relowner, 'MEMBER')) AS "owns tables or can become their owner",
         has_schema_privilege(role.oid, 'public', 'CREATE') AS "can create objects in the schema public"
    FROM pg_roles AS role
   WHERE role.rolname = current_user`;

/**
 * Refuses to start on a database connection that the policies would not hold.
 * @param variable name of the environment variable the URL came from, for the message
 * @throws Error saying what the role can do that it must not
 */
export async function checkRole(variable: string, url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<Record<string, boolean>>(attributesQuery);
    const faults = Object.entries(rows[0] ?? { 'has no role': true }).flatMap(([fault, holds]) =>
      holds ? [fault] : [],
    );
    if (faults.length > 0) {
      throw new Error(
        `Refusing to start: the role of ${variable} ${faults.join(', ')}. Use a role made by "npm run db -- provision".`,
      );
    }
  });
}

/**
 * Refuses to start when the database would reject every proof this process makes.
 * @throws Error naming the remedy
 */
export async function checkTenantProof(url: string, binding: Binding): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('BEGIN');
    await client.query(bindStatement.text, [...binding]);
    await client.query('SELECT app_private.current_tenant()').catch((cause: unknown) => {
      const remedy = 'Run "npm run db -- migrate" with the TENANT_PROOF_KEY this process has.';
      throw new Error(`Refusing to start: the database does not accept this process's proofs. ${remedy}`, { cause });
    });
  });
}

async function withClient(connectionString: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
