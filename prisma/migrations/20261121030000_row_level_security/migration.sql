-- Who may touch which rows. Two roles, and no third way: no role has BYPASSRLS, no setting switches
-- a policy off, and FORCE holds even for the owner.
--
--   app     sees one tenant: the one its transaction has proven
--   system  sees what the work it names needs, and nothing under any other name

GRANT USAGE ON SCHEMA public TO app, system;
GRANT USAGE ON SCHEMA app_private TO app, system;
GRANT EXECUTE ON FUNCTION app_private.current_tenant(), app_private.next_number(text) TO app;
GRANT EXECUTE ON FUNCTION app_private.system_work() TO system;

ALTER TABLE tenants      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE users        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE memberships  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE counters     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE projects     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE system_audit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- app: one permissive policy that admits the tenant's rows, and one restrictive guard that every
-- further permissive policy, however careless, is ANDed with. The sub-select makes PostgreSQL
-- evaluate the proof once a statement instead of once a row.

CREATE POLICY tenant_rows ON tenants TO app
  USING (id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON tenants AS RESTRICTIVE TO app
  USING (id = (SELECT app_private.current_tenant()));
GRANT SELECT ON tenants TO app;

CREATE POLICY tenant_rows ON memberships TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON memberships AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, UPDATE (name, role, status) ON memberships TO app;

CREATE POLICY tenant_rows ON counters TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON counters AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, UPDATE (value) ON counters TO app;

CREATE POLICY tenant_rows ON projects TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON projects AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON projects TO app;

CREATE POLICY tenant_rows ON tasks TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON tasks AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app;

-- system: one policy per table and named work.

GRANT SELECT, INSERT ON tenants, users, memberships TO system;
GRANT INSERT ON system_audit TO system;
GRANT USAGE ON SEQUENCE system_audit_id_seq TO system;

CREATE POLICY audit_append ON system_audit FOR INSERT TO system
  WITH CHECK (work = app_private.system_work());

CREATE POLICY login_reads ON tenants     FOR SELECT TO system USING (app_private.system_work() = 'login');
CREATE POLICY login_reads ON users       FOR SELECT TO system USING (app_private.system_work() = 'login');
CREATE POLICY login_reads ON memberships FOR SELECT TO system USING (app_private.system_work() = 'login');

CREATE POLICY provision_reads ON tenants     FOR SELECT TO system USING (app_private.system_work() = 'provision tenant');
CREATE POLICY provision_reads ON users       FOR SELECT TO system USING (app_private.system_work() = 'provision tenant');
CREATE POLICY provision_reads ON memberships FOR SELECT TO system USING (app_private.system_work() = 'provision tenant');
CREATE POLICY provision_adds  ON tenants     FOR INSERT TO system WITH CHECK (app_private.system_work() = 'provision tenant');
CREATE POLICY provision_adds  ON users       FOR INSERT TO system WITH CHECK (app_private.system_work() = 'provision tenant');
CREATE POLICY provision_adds  ON memberships FOR INSERT TO system WITH CHECK (app_private.system_work() = 'provision tenant');
