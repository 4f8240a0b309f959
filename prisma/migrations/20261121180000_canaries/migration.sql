-- The two synthetic tenants of src/isolation/canary, and their only person.
--
-- One work brings them into being, and can reach nothing else; for all other work of the system role they do not
-- exist, so that nobody logs in as them, switches to them, adds members to them, or finds them in a list. Their
-- rows are theirs like anyone's: they are reached under the app role, by their own proof.

CREATE POLICY canaries_read ON tenants     FOR SELECT TO system USING (app_private.system_work() = 'keep canaries');
CREATE POLICY canaries_add  ON tenants     FOR INSERT TO system WITH CHECK (app_private.system_work() = 'keep canaries');
CREATE POLICY canaries_add  ON users       FOR INSERT TO system WITH CHECK (app_private.system_work() = 'keep canaries');
CREATE POLICY canaries_add  ON memberships FOR INSERT TO system WITH CHECK (app_private.system_work() = 'keep canaries');

CREATE POLICY canaries_apart ON tenants AS RESTRICTIVE TO system USING (
  (app_private.system_work() IS NOT DISTINCT FROM 'keep canaries')
  = (id IN ('ca4a1041-0000-4000-8000-00000000000a', 'ca4a1041-0000-4000-8000-00000000000b')));
CREATE POLICY canaries_apart ON memberships AS RESTRICTIVE TO system USING (
  (app_private.system_work() IS NOT DISTINCT FROM 'keep canaries')
  = (tenant_id IN ('ca4a1041-0000-4000-8000-00000000000a', 'ca4a1041-0000-4000-8000-00000000000b')));
CREATE POLICY canaries_apart ON users AS RESTRICTIVE TO system USING (
  (app_private.system_work() IS NOT DISTINCT FROM 'keep canaries') = (id = 'ca4a1041-0000-4000-8000-00000000000c'));
