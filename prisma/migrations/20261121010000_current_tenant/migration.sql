-- Whose rows a statement may touch, and how PostgreSQL knows.
--
-- A transaction names its tenant in app.tenant_id and proves it in app.tenant_proof: an HMAC-SHA-256
-- of the tenant under a key that only the application process and the owner role know. A session
-- that sets app.tenant_id by itself (SQL injection under the app role, say) cannot make the proof.

CREATE SCHEMA app_private;

-- The HMAC key with both pads applied (RFC 2104), so that a check costs two hashes and no loop.
-- One row; `npm run db migrate` writes it from TENANT_PROOF_KEY.
CREATE TABLE app_private.proof_key (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
  outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64)
);

-- PL/pgSQL, because it keeps its plan between calls where an SQL function is planned anew each
-- time. No SET search_path clause, because that costs as much as the check itself: every name
-- below is qualified instead.
CREATE FUNCTION app_private.current_tenant() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
AS $$
DECLARE
  tenant pg_catalog.text := pg_catalog.current_setting('app.tenant_id', true);
  expected pg_catalog.text;
BEGIN
  SELECT pg_catalog.encode(pg_catalog.sha256(key.outer_pad OPERATOR(pg_catalog.||)
           pg_catalog.sha256(key.inner_pad OPERATOR(pg_catalog.||) pg_catalog.convert_to(tenant, 'UTF8'))), 'hex')
    INTO expected
    FROM app_private.proof_key AS key;
  IF expected OPERATOR(pg_catalog.=) pg_catalog.current_setting('app.tenant_proof', true) THEN
    RETURN tenant::pg_catalog.uuid;
  END IF;
  RAISE EXCEPTION 'this transaction has no proven tenant'
    USING ERRCODE = 'insufficient_privilege',
          HINT = 'Tenant tables are reached through TenantDatabase, inside a tenant context.';
END
$$;

-- Takes the next number of the current tenant. Numbers start at 1 in every tenant, so that the same
-- number means different rows to different tenants. Concurrent creators of one tenant wait for each
-- other here; a rollback gives the number back.
CREATE FUNCTION app_private.next_number(counted text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY INVOKER
AS $$
DECLARE
  next_value integer;
BEGIN
  INSERT INTO public.counters AS counter (tenant_id, kind, value)
       VALUES (app_private.current_tenant(), counted, 1)
  ON CONFLICT (tenant_id, kind) DO UPDATE SET value = counter.value + 1
    RETURNING counter.value INTO next_value;
  RETURN next_value;
END
$$;

-- The named piece of work that a transaction of the system role does; policies are per name.
CREATE FUNCTION app_private.system_work() RETURNS text
LANGUAGE sql STABLE SECURITY INVOKER
RETURN current_setting('app.system_work', true);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA app_private FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
