-- CreateEnum
CREATE TYPE "report_status" AS ENUM ('queued', 'done', 'failed');

-- CreateTable
CREATE TABLE "outbox" (
    "tenant_id" UUID NOT NULL DEFAULT app_private.current_tenant(),
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "job" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "repeat_seconds" INTEGER,
    "run" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dispatched_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "failure" TEXT,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "reports" (
    "tenant_id" UUID NOT NULL DEFAULT app_private.current_tenant(),
    "number" INTEGER NOT NULL DEFAULT app_private.next_number('report'::text),
    "requested_by" UUID NOT NULL,
    "from_date" DATE NOT NULL,
    "to_date" DATE NOT NULL,
    "status" "report_status" NOT NULL DEFAULT 'queued',
    "result" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "reports_pkey" PRIMARY KEY ("tenant_id","number")
);

-- CreateIndex
CREATE INDEX "outbox_tenant_id_run_at_idx" ON "outbox"("tenant_id", "run_at");

-- Less than a second apart, a job would repeat without end.
ALTER TABLE outbox ADD CHECK (repeat_seconds > 0);

-- AddForeignKey
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "memberships"("tenant_id", "user_id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "reports" ADD CONSTRAINT "reports_tenant_id_requested_by_fkey" FOREIGN KEY ("tenant_id", "requested_by") REFERENCES "memberships"("tenant_id", "user_id") ON DELETE CASCADE ON UPDATE RESTRICT;

ALTER TABLE outbox  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_rows ON outbox TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON outbox AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, DELETE, UPDATE (run, run_at, dispatched_at, failed_at, failure) ON outbox TO app;

CREATE POLICY tenant_rows ON reports TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON reports AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, UPDATE (status, result, finished_at) ON reports TO app;

-- The dispatcher reads all tenants' jobs, and says of a job that it was handed on: nothing else.
CREATE POLICY dispatch_reads ON outbox FOR SELECT TO system USING (app_private.system_work() = 'dispatch jobs');
CREATE POLICY dispatch_marks ON outbox FOR UPDATE TO system USING (app_private.system_work() = 'dispatch jobs');
GRANT SELECT, UPDATE (dispatched_at) ON outbox TO system;

-- Wakes the dispatcher when the transaction commits. It says that there is something, and not whose:
-- every role may LISTEN.
CREATE FUNCTION app_private.announce_jobs() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('outbox', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER announce_jobs AFTER INSERT OR UPDATE OF run ON outbox
  FOR EACH STATEMENT EXECUTE FUNCTION app_private.announce_jobs();
