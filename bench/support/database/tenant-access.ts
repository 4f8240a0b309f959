import type { Prisma } from '../../../src/generated/prisma/client.js';
import type { TenantTransaction } from '../../../src/isolation/database/index.js';

/** What is asked, of whichever client a contestant has. */
export type Models = Pick<TenantTransaction, 'project' | 'task'>;
export type Query<T> = (models: Models) => Prisma.PrismaPromise<T>;
export type Queries<T extends readonly unknown[]> = { readonly [Index in keyof T]: Query<T[Index]> };

/** One way to reach a tenant's rows through Prisma. */
export interface TenantAccess {
  readonly name: string;
  /** What a new row is given to say whose it is: nothing, where the column's default takes it from the transaction. */
  readonly ownership: (tenantId: string) => { readonly tenantId?: string };
  readonly one: <T>(tenantId: string, query: Query<T>) => Promise<T>;
  /** The queries one after the other, all or none. */
  readonly transaction: <T extends readonly unknown[]>(tenantId: string, queries: Queries<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export async function inTurn<T extends readonly unknown[]>(models: Models, queries: Queries<T>): Promise<T> {
  const answers: unknown[] = [];
  for (const query of queries) answers.push(await query(models));
  return answers as unknown as T;
}

/** Where the contestants find the database: there, or through a proxy. */
export interface DatabaseAddress {
  /** As the application's role. */
  readonly applicationUrl: string;
  /** As a role that no policy applies to. */
  readonly unisolatedUrl: string;
  /** Of each contestant. */
  readonly connections: number;
}
