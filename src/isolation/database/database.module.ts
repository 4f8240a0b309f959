import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { TenantContext } from '../context/index.js';
import { checkPooler, checkRole, checkTenantProof } from './boot-checks.js';
import { DatabaseClients, tenantBinding } from './clients.js';
import { DatabaseHealth } from './database-health.js';
import { DatabaseNotifications } from './database-notifications.js';
import { SystemContext } from './system-context.js';
import { TenantDatabase, tenantDatabase } from './tenant-database.js';
import { tenantProver } from './tenant-proof.js';

const healthTimeoutMs = 1000;

@Global()
@Module({
  providers: [
    {
      provide: DatabaseClients,
      inject: [CONFIGURATION, TenantContext],
      useFactory: async (configuration: Configuration, context: TenantContext) => {
        const probe = tenantBinding(randomUUID(), tenantProver(configuration.TENANT_PROOF_KEY));
        const urls = ['DATABASE_URL', 'SYSTEM_DATABASE_URL'] as const;
        await Promise.all([
          checkRole('DATABASE_URL', configuration.DATABASE_URL),
          checkRole('SYSTEM_DATABASE_URL', configuration.SYSTEM_DATABASE_URL),
          ...urls.map((name) => checkPooler(name, configuration[name], configuration.DATABASE_POOLER)),
          checkTenantProof(configuration.DATABASE_URL, probe),
        ]);
        return new DatabaseClients(configuration, context);
      },
    },
    {
      provide: TenantDatabase,
      inject: [DatabaseClients],
      useFactory: ({ tenant }: DatabaseClients) => tenantDatabase(tenant),
    },
    {
      provide: SystemContext,
      inject: [DatabaseClients, TenantContext],
      useFactory: ({ system }: DatabaseClients, context: TenantContext) => new SystemContext(system, context),
    },
    {
      provide: DatabaseHealth,
      inject: [CONFIGURATION],
      useFactory: ({ DATABASE_URL }: Configuration) => new DatabaseHealth(DATABASE_URL, healthTimeoutMs),
    },
    {
      provide: DatabaseNotifications,
      inject: [CONFIGURATION],
      useFactory: ({ SYSTEM_DATABASE_URL, DATABASE_POOLER }: Configuration) =>
        new DatabaseNotifications(SYSTEM_DATABASE_URL, DATABASE_POOLER === 'none'),
    },
  ],
  exports: [TenantDatabase, SystemContext, DatabaseHealth, DatabaseNotifications],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DatabaseClients) private readonly clients: DatabaseClients) {}

  /** After the last request has been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.clients.close();
  }
}
