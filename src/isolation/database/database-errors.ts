import { notFound, ProblemError } from '../../common/errors.js';
import type { ProblemTranslator } from '../../common/problem.filter.js';
import { Prisma } from '../../generated/prisma/client.js';
import type { SecurityEvents } from '../audit/index.js';
import { NoConnectionError } from './bound-pool.js';

// Prisma's codes (https://www.prisma.io/docs/orm/reference/error-reference), where it has one of its own …
/** The row to change, or one that it refers to, does not exist for this tenant. */
const missing = new Set(['P2025', 'P2003']);
const unavailable = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
// … and PostgreSQL's (https://www.postgresql.org/docs/current/errcodes-appendix.html), where it passes them on.
const insufficientPrivilege = '42501';
/** Connection exception, insufficient resources, operator intervention (which a statement timeout is, too). */
const unavailableClasses = /^(08|53|57)/;

/** Says what the database's errors mean for a client. */
export function databaseProblem(events: SecurityEvents): ProblemTranslator {
  return (error) => {
    const code = prismaCode(error) ?? '';
    const state = sqlState(error) ?? '';
    if (missing.has(code)) return notFound();
    if (state === insufficientPrivilege) {
      events.record({ layer: 'database', kind: 'refused by policy', subject: 'statement' });
      return notFound();
    }
    const isUnavailable = unavailable.has(code) || unavailableClasses.test(state) || isDatabaseAway(error);
    return isUnavailable ? new ProblemError('unavailable', {}, { cause: error }) : undefined;
  };
}

const away = new Set(['P1001', 'P1002', 'P1017']);
/** Connection exception, insufficient resources, a server that stops or starts. */
const awayStates = /^(08|53|57P)/;
/** What the adapter says of a raw query, for which Prisma has one code whatever has happened to it. */
const awayKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TlsConnectionError']);

/** Whether PostgreSQL could not be asked at all: the statement is not to blame, and may be sent again. */
export function isDatabaseAway(error: unknown): boolean {
  const { originalCode = '', kind = '' } = adapterCause(error);
  const isAway = away.has(prismaCode(error) ?? '') || awayStates.test(originalCode) || awayKinds.has(kind);
  return isAway || error instanceof NoConnectionError;
}

function prismaCode(error: unknown): string | undefined {
  return error instanceof Prisma.PrismaClientKnownRequestError ? error.code : undefined;
}

function sqlState(error: unknown): string | undefined {
  return adapterCause(error).originalCode;
}

interface AdapterCause {
  /** SQLSTATE. */
  readonly originalCode?: string;
  readonly kind?: string;
}
function adapterCause(error: unknown): AdapterCause {
  // Thrown as it is where a transaction begins or ends.
  if (error instanceof Error && error.name === 'DriverAdapterError') return error.cause as AdapterCause;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return {};
  const { driverAdapterError } = (error.meta ?? {}) as { driverAdapterError?: { cause?: AdapterCause } };
  return driverAdapterError?.cause ?? {};
}
