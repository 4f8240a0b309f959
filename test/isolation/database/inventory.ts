/**
 * What must not be found in the catalogs. Each rule is a query whose rows are violations, and the
 * statements that would cause one, with which the suite shows that the rule can fail.
 */
export interface Rule {
  readonly guarantee: string;
  readonly violations: string;
  readonly violate: readonly string[];
}

/** Tables that the app role can reach, each with the column that names its tenant. */
const reachable = `
  WITH reachable AS (
    SELECT relation.oid, relation.relname, relation.relkind, relation.relrowsecurity, relation.relforcerowsecurity,
           CASE relation.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END AS tenant_column
      FROM pg_class AS relation
     WHERE relation.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
       AND relation.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND (has_table_privilege('app', relation.oid, 'SELECT, INSERT, UPDATE, DELETE')
            OR has_any_column_privilege('app', relation.oid, 'SELECT, INSERT, UPDATE'))
  )`;
const tenantAttribute = `
  (SELECT attnum FROM pg_attribute WHERE attrelid = reachable.oid AND attname = reachable.tenant_column)`;
const tenantCondition = `format('(%s = ( SELECT app_private.current_tenant() AS current_tenant))', reachable.tenant_column)`;

export const rules: readonly Rule[] = [
  {
    guarantee: 'every table that app can reach has row-level security enabled and forced',
    violations: `${reachable} SELECT relname FROM reachable
      WHERE relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)`,
    violate: ['ALTER TABLE projects NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE projects DISABLE ROW LEVEL SECURITY'],
  },
  {
    guarantee: 'every table of ours has row-level security enabled and forced, whoever reaches it',
    violations: `SELECT oid::regclass FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> '_prisma_migrations'
        AND NOT (relrowsecurity AND relforcerowsecurity)`,
    violate: ['ALTER TABLE users NO FORCE ROW LEVEL SECURITY', 'CREATE TABLE forgotten ()'],
  },
  ...(['permissive', 'restrictive'] as const).map((kind) => ({
    guarantee: `every table that app can reach has a ${kind} policy on the proven tenant, for every command`,
    violations: `${reachable} SELECT relname FROM reachable WHERE relkind IN ('r', 'p') AND NOT EXISTS (
      SELECT FROM pg_policy AS policy
       WHERE policy.polrelid = reachable.oid AND policy.polpermissive = ${String(kind === 'permissive')}
         AND policy.polcmd = '*' AND policy.polroles = ARRAY['app'::regrole::oid] AND policy.polwithcheck IS NULL
         AND pg_get_expr(policy.polqual, policy.polrelid) = ${tenantCondition})`,
    violate: [
      kind === 'permissive' ? 'DROP POLICY tenant_rows ON tasks' : 'DROP POLICY tenant_guard ON tasks',
      `ALTER POLICY ${kind === 'permissive' ? 'tenant_rows' : 'tenant_guard'} ON tasks USING (true)`,
    ],
  })),
  {
    guarantee: 'no further policy lets app pass',
    violations: `SELECT polrelid::regclass, polname FROM pg_policy
      WHERE (polroles = ARRAY[0::oid] OR 'app'::regrole = ANY (polroles)) AND polname NOT IN ('tenant_rows', 'tenant_guard')`,
    violate: [
      'CREATE POLICY everyone ON tasks FOR SELECT TO app USING (true)',
      'CREATE POLICY everyone ON tasks USING (true)',
    ],
  },
  {
    guarantee: 'every policy of the system role is for a work it names',
    violations: `SELECT polrelid::regclass, polname FROM pg_policy
      WHERE 'system'::regrole = ANY (polroles)
        AND coalesce(pg_get_expr(polqual, polrelid), '') || coalesce(pg_get_expr(polwithcheck, polrelid), '')
            !~ 'app_private.system_work\\(\\)'`,
    violate: ['CREATE POLICY anything ON tasks TO system USING (true)'],
  },
  {
    guarantee: 'every primary key and unique constraint starts with the tenant',
    violations: `${reachable} SELECT relname, index.indexrelid::regclass FROM reachable
      JOIN pg_index AS index ON index.indrelid = reachable.oid
     WHERE index.indisunique AND index.indkey[0] IS DISTINCT FROM ${tenantAttribute}
       AND index.indexrelid <> 'tenants_slug_key'::regclass /* app cannot write tenants: it is no oracle */`,
    violate: [
      'CREATE UNIQUE INDEX oracle ON projects (name) WHERE false',
      'ALTER TABLE tasks ADD UNIQUE (number, tenant_id)',
    ],
  },
  {
    guarantee: 'every foreign key starts with the tenant on both sides, or is none that app can write',
    violations: `${reachable} SELECT reachable.relname, key.conname FROM reachable
      JOIN pg_constraint AS key ON key.conrelid = reachable.oid AND key.contype = 'f'
      LEFT JOIN reachable AS target ON target.oid = key.confrelid
     WHERE NOT (key.conkey[1] = ${tenantAttribute} AND target.oid IS NOT NULL AND key.confkey[1] =
             (SELECT attnum FROM pg_attribute WHERE attrelid = target.oid AND attname = target.tenant_column))
       AND (SELECT bool_or(has_column_privilege('app', reachable.oid, attnum, 'INSERT, UPDATE')) FROM unnest(key.conkey) AS attnum)`,
    violate: [
      `ALTER TABLE projects ADD COLUMN parent_id uuid REFERENCES users (id)`,
      `ALTER TABLE tasks ADD COLUMN other uuid; ALTER TABLE tasks ADD FOREIGN KEY (other, number) REFERENCES projects (tenant_id, number)`,
    ],
  },
  {
    guarantee: 'every table whose rows have an object in the store lists it as unclaimed when they go',
    violations: `SELECT attribute.attrelid::regclass FROM pg_attribute AS attribute
      JOIN pg_class AS relation ON relation.oid = attribute.attrelid AND relation.relkind IN ('r', 'p')
     WHERE attribute.attname = 'object_id' AND NOT attribute.attisdropped
       AND relation.relnamespace = 'public'::regnamespace AND relation.relname <> 'unclaimed_objects'
       AND NOT EXISTS (SELECT FROM pg_trigger AS trigger
             WHERE trigger.tgrelid = relation.oid AND trigger.tgfoid = 'app_private.unclaim_object()'::regprocedure
               AND trigger.tgtype = 11 /* row, before, delete */ AND trigger.tgenabled = 'O' AND trigger.tgqual IS NULL)`,
    violate: [
      'DROP TRIGGER unclaim_object ON files',
      'ALTER TABLE files DISABLE TRIGGER unclaim_object',
      'ALTER TABLE tasks ADD COLUMN object_id uuid',
      'DROP TRIGGER unclaim_object ON files; CREATE TRIGGER unclaim_object AFTER DELETE ON files FOR EACH ROW EXECUTE FUNCTION app_private.unclaim_object()',
    ],
  },
  {
    guarantee: 'no function runs with the rights of its owner, but the one that checks proofs',
    violations: `SELECT oid::regprocedure FROM pg_proc
      WHERE prosecdef AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND oid <> 'app_private.current_tenant()'::regprocedure`,
    violate: [
      'CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER RETURN (SELECT count(*) FROM projects)',
    ],
  },
  {
    guarantee: 'no function of ours is run on rows before the policies have let them through',
    violations: `SELECT oid::regprocedure FROM pg_proc
      WHERE proleakproof AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`,
    violate: ['ALTER FUNCTION app_private.next_number(text) LEAKPROOF'],
  },
  {
    guarantee: 'no view, materialized view or foreign table shows app more than app may see',
    violations: `${reachable} SELECT relname FROM reachable JOIN pg_class USING (oid, relname)
      WHERE reachable.relkind IN ('m', 'f')
         OR (reachable.relkind = 'v' AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false))`,
    violate: [
      'CREATE VIEW leak AS SELECT * FROM projects; GRANT SELECT ON leak TO app',
      'CREATE MATERIALIZED VIEW leak AS SELECT * FROM projects; GRANT SELECT ON leak TO app',
    ],
  },
  {
    guarantee: 'app and system have no right on a table beyond reading and changing rows',
    violations: `SELECT oid::regclass, privilege_type FROM pg_class, aclexplode(relacl)
      WHERE relkind <> 'S' AND grantee IN ('app'::regrole, 'system'::regrole)
        AND (privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') OR is_grantable)`,
    violate: [
      'GRANT TRUNCATE ON projects TO app',
      'GRANT REFERENCES ON projects TO app',
      'GRANT TRIGGER ON tasks TO system',
    ],
  },
  {
    guarantee: 'nothing is granted to everybody',
    violations: `
      SELECT oid::regclass::text FROM pg_class, aclexplode(relacl)
       WHERE grantee = 0 AND relnamespace IN ('public'::regnamespace, 'app_private'::regnamespace)
      UNION ALL SELECT oid::regprocedure::text FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
       WHERE grantee = 0 AND pronamespace IN ('public'::regnamespace, 'app_private'::regnamespace)
      UNION ALL SELECT nspname FROM pg_namespace, aclexplode(nspacl)
       WHERE grantee = 0 AND nspname IN ('public', 'app_private')
      UNION ALL SELECT datname FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
       WHERE grantee = 0 AND datname = current_database()`,
    violate: [
      'GRANT SELECT ON projects TO PUBLIC',
      'GRANT EXECUTE ON FUNCTION app_private.next_number(text) TO PUBLIC',
      'GRANT USAGE ON SCHEMA app_private TO PUBLIC',
      'DO $$ BEGIN EXECUTE format($f$GRANT TEMPORARY ON DATABASE %I TO PUBLIC$f$, current_database()); END $$',
    ],
  },
  {
    guarantee: 'app can use nothing that all sessions share: advisory locks, large objects, others’ activity and locks',
    violations: `SELECT oid::regprocedure FROM pg_proc
      WHERE proname ~ '^(pg_(try_)?advisory_|lo_|loread|lowrite|pg_stat_get_|pg_lock_status|pg_blocking_pids|pg_(cancel|terminate)_backend)'
        AND has_function_privilege('app', oid, 'EXECUTE')`,
    violate: [
      'GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC',
      'GRANT EXECUTE ON FUNCTION lo_get(oid) TO app',
      'GRANT EXECUTE ON FUNCTION pg_stat_get_activity(integer) TO app',
      'GRANT EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint) TO PUBLIC',
    ],
  },
  {
    guarantee: 'no sequence counts for all tenants where app can see it',
    violations: `SELECT seqrelid::regclass FROM pg_sequence WHERE has_sequence_privilege('app', seqrelid, 'USAGE, SELECT, UPDATE')`,
    violate: ['GRANT USAGE ON SEQUENCE system_audit_id_seq TO app'],
  },
  {
    guarantee: 'app and system can create nothing: no table, no schema, no temporary table',
    violations: `SELECT role, privilege FROM unnest(ARRAY['app', 'system']) AS role, unnest(ARRAY['CREATE', 'TEMPORARY']) AS privilege
       WHERE has_database_privilege(role, current_database(), privilege)
      UNION ALL SELECT role, nspname FROM unnest(ARRAY['app', 'system']) AS role, pg_namespace
       WHERE has_schema_privilege(role, pg_namespace.oid, 'CREATE')`,
    violate: ['GRANT CREATE ON SCHEMA public TO app', 'GRANT CREATE ON SCHEMA app_private TO system'],
  },
  {
    guarantee: 'no role can pass by the policies or become one that can; only migrator can become the owner',
    violations: `SELECT rolname FROM pg_roles
       WHERE rolname IN ('owner', 'migrator', 'app', 'system')
         AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR (rolname = 'owner' AND rolcanlogin))
      UNION ALL SELECT member::regrole::text FROM pg_auth_members
       WHERE member IN ('app'::regrole, 'system'::regrole, 'owner'::regrole)
          OR (member = 'migrator'::regrole AND (roleid <> 'owner'::regrole OR inherit_option))`,
    violate: [
      'ALTER ROLE app BYPASSRLS',
      'GRANT owner TO app',
      'ALTER ROLE owner LOGIN',
      'GRANT pg_read_all_data TO system',
    ],
  },
  {
    guarantee: 'future objects are granted to nobody by default',
    violations: `SELECT defaclrole::regrole, grantee FROM pg_default_acl, aclexplode(defaclacl) WHERE grantee <> defaclrole`,
    violate: ['ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app'],
  },
  {
    guarantee: 'no publication streams all tenants’ rows',
    violations: `SELECT pubname FROM pg_publication`,
    violate: ['CREATE PUBLICATION everything FOR ALL TABLES'],
  },
];
