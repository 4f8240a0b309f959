import { readConfiguration } from '../../../src/config/index.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { DatabaseClients } from '../../../src/isolation/database/clients.js';
import { tenantDatabase } from '../../../src/isolation/database/tenant-database.js';
import { contextAccess } from './context-access.js';
import type { DatabaseAddress, TenantAccess } from './tenant-access.js';

/** The application's own: TenantDatabase on its BoundPool, inside the tenant's context. */
export function ours({ applicationUrl, connections }: DatabaseAddress): TenantAccess {
  const context = new TenantContext();
  const configuration = readConfiguration(process.env);
  const clients = new DatabaseClients(
    { ...configuration, DATABASE_URL: applicationUrl, DATABASE_POOL_SIZE: connections },
    context,
  );
  return contextAccess('ours: bound in the pool', context, tenantDatabase(clients.tenant), () => clients.close());
}
