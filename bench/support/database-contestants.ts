import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { readConfiguration, type Configuration } from '../../src/config/index.js';
import { PrismaClient } from '../../src/generated/prisma/client.js';
import { TenantContext } from '../../src/isolation/context/index.js';
import { DatabaseClients, prismaClient } from '../../src/isolation/database/clients.js';
import { tenantDatabase } from '../../src/isolation/database/tenant-database.js';
import { tenantProver } from '../../src/isolation/database/tenant-proof.js';

interface Project {
  readonly tenantId: string;
  readonly number: number;
}

/** One way to read a tenant's project. */
export interface Reader {
  readonly name: string;
  readonly read: (tenantId: string, number: number) => Promise<Project | null>;
  readonly close: () => Promise<void>;
}

/**
 * No isolation at all: nothing but the WHERE says whose row it is.
 *
 * "generic plans": Prisma writes OFFSET into every query, and PostgreSQL, which guesses a tenth of
 * the rows for it, then plans a prepared statement anew each time unless it is told not to.
 */
export function unisolated(
  url: string,
  connections: number,
  statements: "Prisma's default" | 'prepared' | 'prepared, generic plans',
): Reader {
  const options = statements === 'prepared, generic plans' ? '-c plan_cache_mode=force_generic_plan' : undefined;
  const pool = plainPool(url, connections, options);
  const client =
    statements === "Prisma's default" ? new PrismaClient({ adapter: new PrismaPg(pool) }) : prismaClient(pool);
  return {
    name: `no isolation, ${statements}`,
    read: (tenantId, number) => client.project.findFirst({ where: { tenantId, number } }),
    close: () => close(client, pool),
  };
}

/** The application's own: TenantDatabase on its BoundPool, inside the tenant's context. */
export function ours(connections: number): Reader {
  const context = new TenantContext();
  const clients = new DatabaseClients({ ...readConfiguration(process.env), DATABASE_POOL_SIZE: connections }, context);
  const database = tenantDatabase(clients.tenant);
  return {
    name: 'ours: bound in the pool',
    read: (tenantId, number) =>
      context.run(identityOf(tenantId), 'bench', () => database.project.findFirst({ where: { tenantId, number } })),
    close: () => clients.close(),
  };
}

/**
 * Row-level security as Prisma documents it, https://www.prisma.io/docs/orm/prisma-client/client-extensions
 * and its example "row-level-security", under the application's own policies. It has prepared
 * statements, which the example has not: what remains are the round trips.
 */
export function prismaExtension(connections: number): Reader {
  const { DATABASE_URL, TENANT_PROOF_KEY }: Configuration = readConfiguration(process.env);
  const prove = tenantProver(TENANT_PROOF_KEY);
  const pool = plainPool(DATABASE_URL, connections);
  const client = prismaClient(pool);
  const context = new TenantContext();
  const extended = client.$extends({
    query: {
      $allModels: {
        async $allOperations({ args, query }) {
          const { tenantId } = context;
          const [, result] = await client.$transaction([
            client.$executeRaw`SELECT set_config('app.tenant_id', ${tenantId}, true), set_config('app.tenant_proof', ${prove(tenantId)}, true)`,
            query(args),
          ]);
          return result;
        },
      },
    },
  });
  return {
    name: "Prisma's client extension",
    read: (tenantId, number) =>
      context.run(identityOf(tenantId), 'bench', () => extended.project.findFirst({ where: { tenantId, number } })),
    close: () => close(client, pool),
  };
}

/** The binding that was not chosen: BEGIN, SET LOCAL and COMMIT as text around the query, in one flight (ADR 0002). */
export function setLocalAsText(connections: number): Reader {
  const { DATABASE_URL, TENANT_PROOF_KEY }: Configuration = readConfiguration(process.env);
  const context = new TenantContext();
  const pool = new TextPool({ connectionString: DATABASE_URL, max: connections, pipeline: true });
  const prove = tenantProver(TENANT_PROOF_KEY);
  pool.preamble = () =>
    `BEGIN; SET LOCAL app.tenant_id = '${context.tenantId}'; SET LOCAL app.tenant_proof = '${prove(context.tenantId)}'`;
  const client = prismaClient(pool);
  return {
    name: 'SET LOCAL as text, pipelined',
    read: (tenantId, number) =>
      context.run(identityOf(tenantId), 'bench', () => client.project.findFirst({ where: { tenantId, number } })),
    close: () => close(client, pool),
  };
}

class TextPool extends pg.Pool {
  preamble = (): string => '';

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg declares nine overloads
  override async query(query: any): Promise<any> {
    const preamble = this.preamble();
    const client = await this.connect();
    try {
      const flight = [client.query(preamble), client.query(query as pg.QueryConfig), client.query('COMMIT')];
      return (await Promise.all(flight))[1];
    } finally {
      client.release();
    }
  }
}

const userId = randomUUID();

function identityOf(tenantId: string) {
  return { tenantId, userId, role: 'viewer', sessionId: userId } as const;
}

function plainPool(connectionString: string, max: number, options?: string): pg.Pool {
  return new pg.Pool({ connectionString, max, options });
}

async function close(client: PrismaClient, pool: pg.Pool): Promise<void> {
  await client.$disconnect();
  await pool.end();
}
