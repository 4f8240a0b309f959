import { randomUUID } from 'node:crypto';
import type { Configuration } from '../../config/index.js';
import { bindStatement, type Binding } from './bound-query.js';
import { onOwnConnection } from './own-connection.js';

const timeoutMs = 5000;

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
  await onOwnConnection(url, timeoutMs, async (client) => {
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
  await onOwnConnection(url, timeoutMs, async (client) => {
    await client.query('BEGIN');
    await client.query(bindStatement.text, [...binding]);
    await client.query('SELECT app_private.current_tenant()').catch((cause: unknown) => {
      const remedy = 'Run "npm run db -- migrate" with the TENANT_PROOF_KEY this process has.';
      throw new Error(`Refusing to start: the database does not accept this process's proofs. ${remedy}`, { cause });
    });
  });
}

/** A pooler that takes its connections in turn is found out up to so many. */
const mostConnectionsProbed = 20;

/**
 * Refuses to start when a pooler is not declared, or what is declared is none; and behind one that gives a session on
 * as it was left: statements and settings of one tenant would then meet the next.
 * @param variable name of the environment variable the URL came from, for the message
 * @throws Error naming the remedy
 */
export async function checkPooler(
  variable: string,
  url: string,
  declared: Configuration['DATABASE_POOLER'],
): Promise<void> {
  const isPooled = await onOwnConnection(url, timeoutMs, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
    return rows[0]?.pid !== client.processID; // a pooler makes one up
  });
  if (isPooled !== (declared === 'transaction')) {
    const [found, remedy] = isPooled ? ['a pooler', 'transaction'] : ['PostgreSQL itself', 'none'];
    throw new Error(
      `Refusing to start: ${variable} leads to ${found}, and DATABASE_POOLER is ${declared}. Set DATABASE_POOLER=${remedy}, or another ${variable}.`,
    );
  }
  if (isPooled && (await isSessionKept(url))) {
    throw new Error(
      `Refusing to start: the pooler of ${variable} hands a session's settings on to its next user. ` +
        'Set server_reset_query_always=1 and server_reset_query=DISCARD ALL in PgBouncer.',
    );
  }
}

/** Whether a setting that one client left behind is met by another. */
async function isSessionKept(url: string): Promise<boolean> {
  const mark = randomUUID();
  const ask = (sql: string, values: string[] = []) =>
    onOwnConnection(url, timeoutMs, async (client) => {
      const seen: unknown[] = [];
      for (let time = 0; time < mostConnectionsProbed; time++)
        seen.push((await client.query<{ value: unknown }>(sql, values)).rows[0]?.value);
      return seen;
    });
  await ask("SELECT pg_catalog.set_config('app.pooler_probe', $1, false)", [mark]);
  return (await ask("SELECT pg_catalog.current_setting('app.pooler_probe', true) AS value")).includes(mark);
}
