import { interactiveTransaction } from './interactive-transaction.js';
import { ours } from './ours.js';
import { prismaExtension } from './prisma-extension.js';
import { serialRoundTrips } from './serial-round-trips.js';
import { setLocalAsText } from './set-local-as-text.js';
import type { DatabaseAddress, TenantAccess } from './tenant-access.js';
import { unisolated } from './unisolated.js';

export interface Contestants {
  readonly ours: TenantAccess;
  /** What ours is held against. */
  readonly references: readonly TenantAccess[];
  /** In the order of the tables: the first reference, ours, the rest. */
  readonly all: readonly TenantAccess[];
  /** For the point read only: they answer questions about single statements. */
  readonly furtherReaders: readonly TenantAccess[];
}

/** No isolation, ours, and the ways that are usually recommended. */
export function usualContestants(address: DatabaseAddress): Contestants {
  const reference = unisolated(address, 'prepared');
  const bound = ours(address);
  const recommended = [prismaExtension(address), interactiveTransaction(address), serialRoundTrips(address)];
  return { ours: bound, references: [reference], all: [reference, bound, ...recommended], furtherReaders: [] };
}

export function allContestants(address: DatabaseAddress): Contestants {
  const usual = usualContestants(address);
  // The severest reference: it has everything that ours has, the role's generic plans included.
  const generic = unisolated(address, 'prepared, generic plans');
  return {
    ours: usual.ours,
    references: [...usual.references, generic],
    all: [...usual.all, generic],
    furtherReaders: [unisolated(address, "Prisma's default"), setLocalAsText(address)],
  };
}
