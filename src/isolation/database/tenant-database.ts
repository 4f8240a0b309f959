import type { PrismaClient } from '../../generated/prisma/client.js';

/** The tables a tenant's code may touch. `User` and `SystemAudit` belong to no tenant and are not among them. */
const tenantModels = [
  'tenant',
  'membership',
  'counter',
  'project',
  'task',
  'report',
  'file',
  'unclaimedObject',
] as const;
const operations = [
  'findFirst', 'findFirstOrThrow', 'findMany', 'count', 'aggregate', 'groupBy',
  'create', 'createMany', 'createManyAndReturn', 'update', 'updateMany', 'updateManyAndReturn',
  'upsert', 'delete', 'deleteMany',
] as const; // prettier-ignore
const batchedOperations = ['findUnique', 'findUniqueOrThrow'] as const;

type ModelName = (typeof tenantModels)[number];
type Model<Name extends ModelName> = Pick<PrismaClient[Name], (typeof operations)[number]>;
export type TransactionOptions = NonNullable<Parameters<PrismaClient['$transaction']>[1]>;

/** What can be done inside one transaction of one tenant. */
export type TenantTransaction = { readonly [Name in ModelName]: Model<Name> } & Pick<
  PrismaClient,
  '$queryRaw' | '$executeRaw'
>;

/**
 * The database as one tenant sees it: Prisma's own API, less what can cross tenants.
 *
 * `findUnique*` is missing because Prisma merges such calls of the same tick into ONE statement,
 * across requests: it would run under the first caller's tenant, and hand the others its answer.
 * `$queryRawUnsafe` is missing because nothing needs it.
 */
export abstract class TenantDatabase implements TenantTransaction {
  abstract readonly tenant: Model<'tenant'>;
  abstract readonly membership: Model<'membership'>;
  abstract readonly counter: Model<'counter'>;
  abstract readonly project: Model<'project'>;
  abstract readonly task: Model<'task'>;
  abstract readonly report: Model<'report'>;
  abstract readonly file: Model<'file'>;
  abstract readonly unclaimedObject: Model<'unclaimedObject'>;
  abstract readonly $queryRaw: PrismaClient['$queryRaw'];
  abstract readonly $executeRaw: PrismaClient['$executeRaw'];

  /** Runs `work` in one transaction, under the tenant of the calling context; rolls back when it throws. */
  abstract $transaction<T>(
    work: (transaction: TenantTransaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
}

/** @param client a Prisma client on a tenant pool */
export function tenantDatabase(client: PrismaClient): TenantDatabase {
  return Object.freeze({
    ...tenantTransaction(client),
    $transaction: <T>(work: (transaction: TenantTransaction) => Promise<T>, options?: TransactionOptions) =>
      client.$transaction((transaction) => work(tenantTransaction(transaction)), options),
  });
}

function tenantTransaction(client: Pick<PrismaClient, ModelName | '$queryRaw' | '$executeRaw'>): TenantTransaction {
  const models = tenantModels.map((name) => [name, tenantModel(client[name])]);
  return Object.freeze({
    ...(Object.fromEntries(models) as { [Name in ModelName]: Model<Name> }),
    $queryRaw: client.$queryRaw.bind(client),
    $executeRaw: client.$executeRaw.bind(client),
  });
}

function tenantModel<Name extends ModelName>(delegate: PrismaClient[Name]): Model<Name> {
  const model: Record<string, unknown> = {};
  for (const operation of operations) model[operation] = Reflect.get(delegate, operation);
  for (const operation of batchedOperations) {
    model[operation] = () => {
      throw new Error(
        `${operation} is not available: Prisma would batch it across tenants. Use findFirst or findFirstOrThrow.`,
      );
    };
  }
  return Object.freeze(model) as Model<Name>;
}
