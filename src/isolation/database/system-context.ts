import { AsyncLocalStorage } from 'node:async_hooks';
import type { PrismaClient } from '../../generated/prisma/client.js';
import type { TenantContext } from '../context/index.js';
import type { Binding } from './bound-query.js';

/** Each piece of work across tenants, by the name that its policies in prisma/migrations carry. */
export type SystemWork =
  | 'login'
  | 'provision tenant'
  | 'dispatch jobs'
  | 'grant session'
  | 'change password'
  | 'remove unclaimed objects'
  | 'keep canaries';
export type SystemTransaction = Pick<PrismaClient, 'tenant' | 'user' | 'membership' | '$queryRaw' | '$executeRaw'>;

const runningWork = new AsyncLocalStorage<SystemWork>();

/**
 * The only way to work across tenants: under a database role of its own, for one named piece of
 * work, inside a transaction that leaves an audit row. The policies of other work stay closed.
 */
export class SystemContext {
  constructor(
    private readonly client: PrismaClient,
    private readonly context: TenantContext,
  ) {}

  run<T>(work: SystemWork, fn: (database: SystemTransaction) => Promise<T>): Promise<T> {
    return runningWork.run(work, async () =>
      this.client.$transaction(async (transaction) => {
        // createMany, because create reads the row back and the audit table can only be appended to.
        await transaction.systemAudit.createMany({ data: { work, requestId: this.context.requestId ?? null } });
        return fn(transaction);
      }),
    );
  }
}

/** @throws Error outside `SystemContext.run` */
export function systemBinding(): Binding {
  const work = runningWork.getStore();
  if (work === undefined) throw new Error('Work across tenants runs inside SystemContext.run(work, fn).');
  return ['app.system_work', work, 'app.tenant_id', ''];
}
