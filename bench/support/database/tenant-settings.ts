import type { Prisma, PrismaClient } from '../../../src/generated/prisma/client.js';
import { readConfiguration } from '../../../src/config/index.js';
import type { TenantContext } from '../../../src/isolation/context/index.js';
import type { Binding } from '../../../src/isolation/database/bound-query.js';
import { tenantBinding } from '../../../src/isolation/database/clients.js';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';

type Executor = Pick<PrismaClient, '$executeRaw'>;

/** Tells PostgreSQL the tenant in a statement of its own, for as long as the transaction lasts. */
export function tenantSetter(): (client: Executor, tenantId: string) => Prisma.PrismaPromise<number> {
  const prove = tenantProver(readConfiguration(process.env).TENANT_PROOF_KEY);
  return (client, tenantId) =>
    client.$executeRaw`SELECT set_config('app.tenant_id', ${tenantId}, true), set_config('app.tenant_proof', ${prove(tenantId)}, true)`;
}

/** The same settings for a contestant that sends them from the pool. */
export function contextBinding(context: TenantContext): () => Binding {
  const prove = tenantProver(readConfiguration(process.env).TENANT_PROOF_KEY);
  return () => tenantBinding(context.tenantId, prove);
}
