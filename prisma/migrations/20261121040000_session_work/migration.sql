-- What sessions need across tenants: to read what one grants, and to store a new password.

CREATE POLICY grant_session_reads ON tenants     FOR SELECT TO system USING (app_private.system_work() = 'grant session');
CREATE POLICY grant_session_reads ON users       FOR SELECT TO system USING (app_private.system_work() = 'grant session');
CREATE POLICY grant_session_reads ON memberships FOR SELECT TO system USING (app_private.system_work() = 'grant session');

GRANT UPDATE (password_hash) ON users TO system;
CREATE POLICY change_password_reads   ON users FOR SELECT TO system USING (app_private.system_work() = 'change password');
CREATE POLICY change_password_changes ON users FOR UPDATE TO system USING (app_private.system_work() = 'change password');
