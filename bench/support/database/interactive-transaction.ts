import pg from 'pg';
import { prismaClient } from '../../../src/isolation/database/clients.js';
import { closing } from './closing.js';
import { inTurn, type DatabaseAddress, type TenantAccess } from './tenant-access.js';
import { tenantSetter } from './tenant-settings.js';

/** An interactive transaction around everything, in which set_config comes first. */
export function interactiveTransaction({ applicationUrl, connections }: DatabaseAddress): TenantAccess {
  const pool = new pg.Pool({ connectionString: applicationUrl, max: connections });
  const client = prismaClient(pool);
  const setTenant = tenantSetter();
  return {
    name: 'interactive transaction, set_config first',
    ownership: () => ({}),
    one: (tenantId, query) =>
      client.$transaction(async (transaction) => {
        await setTenant(transaction, tenantId);
        return await query(transaction);
      }),
    transaction: (tenantId, queries) =>
      client.$transaction(async (transaction) => {
        await setTenant(transaction, tenantId);
        return await inTurn(transaction, queries);
      }),
    close: closing(client, pool),
  };
}
