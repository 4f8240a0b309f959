import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../../src/generated/prisma/client.js';
import { prismaClient } from '../../../src/isolation/database/clients.js';
import { closing } from './closing.js';
import { inTurn, type DatabaseAddress, type TenantAccess } from './tenant-access.js';

/**
 * No isolation at all: nothing but the WHERE says whose row it is.
 *
 * "generic plans": Prisma writes OFFSET into every query, and PostgreSQL, which guesses a tenth of
 * the rows for it, then plans a prepared statement anew each time unless it is told not to.
 */
export function unisolated(
  { unisolatedUrl, connections }: DatabaseAddress,
  statements: 'prepared' | "Prisma's default" | 'prepared, generic plans',
): TenantAccess {
  const options = statements === 'prepared, generic plans' ? '-c plan_cache_mode=force_generic_plan' : undefined;
  const pool = new pg.Pool({ connectionString: unisolatedUrl, max: connections, options });
  const client =
    statements === "Prisma's default" ? new PrismaClient({ adapter: new PrismaPg(pool) }) : prismaClient(pool);
  return {
    name: `no isolation, ${statements}`,
    ownership: (tenantId) => ({ tenantId }),
    one: (_tenantId, query) => query(client),
    transaction: (_tenantId, queries) => client.$transaction((transaction) => inTurn(transaction, queries)),
    close: closing(client, pool),
  };
}
