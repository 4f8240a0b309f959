import { randomUUID } from 'node:crypto';
import type { TenantContext, TenantIdentity } from '../../../src/isolation/context/index.js';
import { inTurn, type Models, type TenantAccess } from './tenant-access.js';

interface Database extends Models {
  readonly $transaction: <T>(work: (transaction: Models) => Promise<T>) => Promise<T>;
}

const userId = randomUUID();

/** A database that takes the tenant from the context, below Prisma. */
export function contextAccess(
  name: string,
  context: TenantContext,
  database: Database,
  close: () => Promise<void>,
): TenantAccess {
  return {
    name,
    ownership: () => ({}),
    one: (tenantId, query) => context.run(identityOf(tenantId), 'bench', () => query(database)),
    transaction: (tenantId, queries) =>
      context.run(identityOf(tenantId), 'bench', () =>
        database.$transaction((transaction) => inTurn(transaction, queries)),
      ),
    close,
  };
}

export function identityOf(tenantId: string): TenantIdentity {
  return { tenantId, userId, role: 'member', sessionId: userId };
}
