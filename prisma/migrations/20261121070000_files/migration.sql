-- CreateTable
CREATE TABLE "files" (
    "tenant_id" UUID NOT NULL DEFAULT app_private.current_tenant(),
    "number" INTEGER NOT NULL DEFAULT app_private.next_number('file'::text),
    "project_number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "object_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "files_pkey" PRIMARY KEY ("tenant_id","number")
);

-- CreateTable
CREATE TABLE "unclaimed_objects" (
    "tenant_id" UUID NOT NULL DEFAULT app_private.current_tenant(),
    "object_id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "unclaimed_objects_pkey" PRIMARY KEY ("tenant_id","object_id")
);

-- CreateIndex
CREATE INDEX "files_tenant_id_project_number_number_idx" ON "files"("tenant_id", "project_number", "number");

-- CreateIndex
CREATE UNIQUE INDEX "files_tenant_id_object_id_key" ON "files"("tenant_id", "object_id");

-- CreateIndex
CREATE INDEX "unclaimed_objects_since_idx" ON "unclaimed_objects"("since");

-- AddForeignKey
ALTER TABLE "files" ADD CONSTRAINT "files_tenant_id_project_number_fkey" FOREIGN KEY ("tenant_id", "project_number") REFERENCES "projects"("tenant_id", "number") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "files" ADD CONSTRAINT "files_tenant_id_created_by_fkey" FOREIGN KEY ("tenant_id", "created_by") REFERENCES "memberships"("tenant_id", "user_id") ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE files             ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE unclaimed_objects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_rows ON files TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON files AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, DELETE ON files TO app;

CREATE POLICY tenant_rows ON unclaimed_objects TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON unclaimed_objects AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, DELETE ON unclaimed_objects TO app;

-- What is younger may be an upload under way: no request lasts that long.
CREATE POLICY sweep_reads ON unclaimed_objects FOR SELECT TO system
  USING (app_private.system_work() = 'remove unclaimed objects' AND since < now() - interval '1 hour');
CREATE POLICY sweep_removes ON unclaimed_objects FOR DELETE TO system
  USING (app_private.system_work() = 'remove unclaimed objects' AND since < now() - interval '1 hour');
GRANT SELECT, DELETE ON unclaimed_objects TO system;

-- However a row with an object goes, alone or with its project, the object is unclaimed from then on.
-- BEFORE, because an AFTER trigger of a cascade runs as the owner, whom the forced policies hold off.
CREATE FUNCTION app_private.unclaim_object() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
AS $$
BEGIN
  INSERT INTO public.unclaimed_objects (tenant_id, object_id) VALUES (OLD.tenant_id, OLD.object_id);
  RETURN OLD;
END
$$;
CREATE TRIGGER unclaim_object BEFORE DELETE ON files
  FOR EACH ROW EXECUTE FUNCTION app_private.unclaim_object();
