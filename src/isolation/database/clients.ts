import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { PrismaClient } from '../../generated/prisma/client.js';
import type { Configuration } from '../../config/index.js';
import type { TenantContext } from '../context/index.js';
import { BoundPool } from './bound-pool.js';
import type { Binding } from './bound-query.js';
import { systemBinding } from './system-context.js';
import { tenantProver } from './tenant-proof.js';

/** How many statements each connection keeps prepared; further ones are planned each time. */
const preparedStatements = 500;

/** Both clients of the application. Private to this room: features get TenantDatabase and SystemContext. */
export class DatabaseClients {
  readonly tenant: PrismaClient;
  readonly system: PrismaClient;
  readonly #pools: readonly BoundPool[];

  constructor(configuration: Configuration, context: TenantContext) {
    const prove = tenantProver(configuration.TENANT_PROOF_KEY);
    const pool = (connectionString: string, binding: () => Binding) =>
      new BoundPool(
        {
          connectionString,
          max: configuration.DATABASE_POOL_SIZE,
          statement_timeout: configuration.DATABASE_STATEMENT_TIMEOUT_MS,
          connectionTimeoutMillis: configuration.DATABASE_STATEMENT_TIMEOUT_MS,
          application_name: 'project-1041',
        },
        binding,
        configuration.DATABASE_POOLER,
      );
    const tenantPool = pool(configuration.DATABASE_URL, () => tenantBinding(context.tenantId, prove));
    const systemPool = pool(configuration.SYSTEM_DATABASE_URL, systemBinding);
    this.#pools = [tenantPool, systemPool];
    this.tenant = prismaClient(tenantPool, configuration.DATABASE_POOLER);
    this.system = prismaClient(systemPool, configuration.DATABASE_POOLER);
  }

  async close(): Promise<void> {
    await Promise.all([this.tenant.$disconnect(), this.system.$disconnect()]);
    await Promise.all(this.#pools.map((pool) => pool.end()));
  }
}

export function tenantBinding(tenantId: string, prove: (tenantId: string) => string): Binding {
  return ['app.tenant_id', tenantId, 'app.tenant_proof', prove(tenantId)];
}

/** @param pooler behind one nothing is prepared: the next transaction's connection does not know it */
export function prismaClient(pool: pg.Pool, pooler: Configuration['DATABASE_POOLER'] = 'none'): PrismaClient {
  const mostNames = pooler === 'none' ? preparedStatements : 0;
  const names = new Map<string, string>();
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= mostNames) return known ?? '';
    const name = `prisma_${String(names.size)}`;
    names.set(sql, name);
    return name;
  };
  const adapter = new PrismaPg(pool, { statementNameGenerator });
  // As patient as the pool: Prisma's own 2 s would cut a transaction short where a query waits on.
  const { connectionTimeoutMillis: maxWait } = pool.options;
  return new PrismaClient({ adapter, transactionOptions: maxWait ? { maxWait } : {}, errorFormat: 'minimal' });
}
