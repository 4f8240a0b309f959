import pg from 'pg';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { prismaClient } from '../../../src/isolation/database/clients.js';
import { closing } from './closing.js';
import { identityOf } from './context-access.js';
import type { DatabaseAddress, Models, Queries, TenantAccess } from './tenant-access.js';
import { tenantSetter } from './tenant-settings.js';

/**
 * Row-level security as Prisma documents it, https://www.prisma.io/docs/orm/prisma-client/client-extensions
 * and its example "row-level-security", under the application's own policies. It has prepared
 * statements, and one extension for all tenants, which the example has not: what remains are the
 * round trips.
 */
export function prismaExtension({ applicationUrl, connections }: DatabaseAddress): TenantAccess {
  const pool = new pg.Pool({ connectionString: applicationUrl, max: connections });
  const client = prismaClient(pool);
  const context = new TenantContext();
  const setTenant = tenantSetter();
  const extended = client.$extends({
    query: {
      $allModels: {
        async $allOperations({ args, query }) {
          const [, result] = await client.$transaction([setTenant(client, context.tenantId), query(args)]);
          return result;
        },
      },
    },
  }) as unknown as Models;
  return {
    name: "Prisma's client extension",
    ownership: () => ({}),
    one: (tenantId, query) => context.run(identityOf(tenantId), 'bench', () => query(extended)),
    // Inside the extension's own $transaction each query would open a transaction of its own, on
    // another connection. What its users can do instead is a batch on the client below it, in which
    // no query can depend on the answer of another.
    async transaction<T extends readonly unknown[]>(tenantId: string, queries: Queries<T>): Promise<T> {
      const batch = queries.map((query) => query(client));
      const [, ...answers] = await client.$transaction([setTenant(client, tenantId), ...batch]);
      return answers as unknown as T;
    },
    close: closing(client, pool),
  };
}
