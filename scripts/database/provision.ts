import pg from 'pg';
import type { DatabaseUrls } from './database-urls.js';

/**
 * What PostgreSQL lets everybody call, and all tenants share, because their sessions have one role: advisory locks, large
 * objects, other sessions' statements, locks and counters, and their end. None of it is under row-level security.
 */
const sharedFunctions =
  '^(pg_(try_)?advisory_.*|lo(_.*|read|write)|pg_stat_get_.*|pg_lock_status|pg_blocking_pids|pg_(cancel|terminate)_backend)$';

/**
 * Creates the roles and the database that the URLs name, as the superuser of ADMIN_DATABASE_URL.
 * Safe to run again: it brings passwords and attributes back to what is said here.
 *
 *   owner     owns every object, cannot log in
 *   migrator  logs in to migrate, acts as owner
 *   app       serves requests, under row-level security
 *   system    does named work across tenants, each under a policy of its own
 */
export async function provision(urls: DatabaseUrls): Promise<void> {
  await asAdmin(urls, 'postgres', async (client) => {
    await createRole(client, 'owner');
    for (const url of [urls.MIGRATION_DATABASE_URL, urls.DATABASE_URL, urls.SYSTEM_DATABASE_URL]) {
      const { username, password } = new URL(url);
      await createRole(client, decodeURIComponent(username), decodeURIComponent(password));
    }
    await client.query('GRANT owner TO migrator WITH INHERIT FALSE, SET TRUE');
  });
  await provisionDatabase(urls);
}

/** The database alone, on a server that has the roles. */
export async function provisionDatabase(urls: DatabaseUrls): Promise<void> {
  const database = new URL(urls.DATABASE_URL).pathname.slice(1);
  await asAdmin(urls, 'postgres', async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)} OWNER owner`);
    await openDatabase(client, database);
  });
  await asAdmin(urls, database, async (client) => {
    await client.query(`
      ALTER SCHEMA public OWNER TO owner;
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      DO $$
      DECLARE
        function record;
      BEGIN
        FOR function IN
          SELECT oid::regprocedure AS signature, proname FROM pg_proc
           WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ ${client.escapeLiteral(sharedFunctions)}
        LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function.signature);
          IF function.proname ~ 'advisory' THEN -- the dispatcher's, and that of migrations
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO system, owner, migrator', function.signature);
          ELSIF function.proname ~ '^pg_(stat|lock)' THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_monitor', function.signature);
          END IF;
        END LOOP;
      END $$;
    `);
  });
}

/** What a database that is copied by TEMPLATE does not take with it: whose it is, who may connect, how its roles plan, and what is logged of them. */
export async function openDatabase(client: pg.Client, database: string): Promise<void> {
  const name = client.escapeIdentifier(database);
  // Proofs, the proof key, passwords' hashes: a log that has them is a way past everything that is proven.
  const unlogged = ['app', 'system', 'migrator'].map(
    (role) => `ALTER ROLE ${role} IN DATABASE ${name} SET log_parameter_max_length TO 0;`,
  );
  await client.query(`
    ${unlogged.join('\n')}
    ALTER DATABASE ${name} OWNER TO owner;
    REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${name} TO migrator, app, system;
    ALTER ROLE migrator IN DATABASE ${name} SET role TO owner;
    -- Plans are kept, not made anew for each execution: docs/adr/0007-plans-are-generic.md
    ALTER ROLE app IN DATABASE ${name} SET plan_cache_mode TO force_generic_plan;
  `);
}

/** Without a password the role cannot log in. No role is given an attribute with which it could pass by the policies. */
async function createRole(client: pg.Client, role: string, password?: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${name}`);
  const login = password === undefined ? 'NOLOGIN' : `LOGIN PASSWORD ${client.escapeLiteral(password)}`;
  await client.query(
    `ALTER ROLE ${name} ${login} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT`,
  );
}

async function asAdmin(
  urls: DatabaseUrls,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const url = new URL(urls.ADMIN_DATABASE_URL);
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
