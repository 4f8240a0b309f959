-- As for every other table: …_fewer_proofs.

-- AlterTable
ALTER TABLE "search_words" ALTER COLUMN "tenant_id" SET DEFAULT app_private.claimed_tenant();
