-- A write proves its tenant as often as its policies ask, and no oftener; and each proof costs less.
-- What each of these saves stands in docs/adr/0012.

-- As before, but for where the MAC is computed. PL/pgSQL keeps an expression's state for the whole
-- transaction, and so for the next proof in it; the columns of a SELECT are set up anew each time.
CREATE OR REPLACE FUNCTION app_private.current_tenant() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
AS $$
DECLARE
  tenant pg_catalog.text := pg_catalog.current_setting('app.tenant_id', true);
  inner_pad pg_catalog.bytea;
  outer_pad pg_catalog.bytea;
BEGIN
  SELECT key.inner_pad, key.outer_pad INTO inner_pad, outer_pad FROM app_private.proof_key AS key;
  IF pg_catalog.encode(pg_catalog.sha256(outer_pad OPERATOR(pg_catalog.||)
       pg_catalog.sha256(inner_pad OPERATOR(pg_catalog.||) pg_catalog.convert_to(tenant, 'UTF8'))), 'hex')
     OPERATOR(pg_catalog.=) pg_catalog.current_setting('app.tenant_proof', true) THEN
    RETURN tenant::pg_catalog.uuid;
  END IF;
  RAISE EXCEPTION 'this transaction has no proven tenant'
    USING ERRCODE = 'insufficient_privilege',
          HINT = 'Tenant tables are reached through TenantDatabase, inside a tenant context.';
END
$$;

-- What the transaction says its tenant is: no proof, and no guard. For values that a policy checks
-- before they are stored, which are the columns' defaults. NULL when it says none; the policy raises then.
CREATE FUNCTION app_private.claimed_tenant() RETURNS uuid
LANGUAGE sql STABLE SECURITY INVOKER PARALLEL SAFE
RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

REVOKE ALL ON FUNCTION app_private.claimed_tenant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_private.claimed_tenant() TO app;

-- The policies of counters prove the tenant, for the row that is added and for the one that is changed.
CREATE OR REPLACE FUNCTION app_private.next_number(counted text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY INVOKER
AS $$
DECLARE
  next_value integer;
BEGIN
  INSERT INTO public.counters AS counter (kind, value) VALUES (counted, 1)
  ON CONFLICT (tenant_id, kind) DO UPDATE SET value = counter.value + 1
    RETURNING counter.value INTO next_value;
  RETURN next_value;
END
$$;

-- AlterTable
ALTER TABLE "counters" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();

-- AlterTable
ALTER TABLE "files" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();

-- AlterTable
ALTER TABLE "memberships" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();

-- AlterTable
ALTER TABLE "outbox" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();

-- AlterTable
ALTER TABLE "projects" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();

-- AlterTable
ALTER TABLE "reports" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();

-- AlterTable
ALTER TABLE "tasks" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();

-- AlterTable
ALTER TABLE "unclaimed_objects" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();
