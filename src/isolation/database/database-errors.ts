import { notFound, ProblemError } from '../../common/errors.js';
import type { ProblemTranslator } from '../../common/problem.filter.js';
import { Prisma } from '../../generated/prisma/client.js';
import type { SecurityEvents } from '../audit/index.js';
import { NoConnectionError } from './bound-pool.js';

// Prisma's codes (https://www.prisma.io/docs/orm/reference/error-reference), where it has one of its own …
/** The row to change, or one that it refers to, does not exist for this tenant. */
const missing = new Set(['P2025', 'P2003']);
/** There is a server, and it was not reached. */
const away = new Set(['P1001', 'P1002', 'P1017']);
/** It was, and took too long. */
const late = new Set(['P1008', 'P2024', 'P2028']);
// … and PostgreSQL's (https://www.postgresql.org/docs/current/errcodes-appendix.html), where it passes them on.
const insufficientPrivilege = '42501';
/** Connection exception, insufficient resources, a server that stops or starts. */
const awayStates = /^(08|53|57P)/;
/** Operator intervention, which a statement timeout is, too. */
const interrupted = /^57/;
/** What the adapter says of a raw query, for which Prisma has one code whatever has happened to it. */
const awayKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TlsConnectionError']);

/** Says what the database's errors mean for a client, and reports those that its policies raise. */
export function databaseProblem(events: SecurityEvents): ProblemTranslator {
  return (error) => {
    reportRefusal(events, error);
    return problemOf(error);
  };
}

/** Reports a statement that the policies refused: nothing that is written on purpose asks for what is not its tenant's. */
export function reportRefusal(events: SecurityEvents, error: unknown): void {
  if (isRefusal(error)) events.record({ layer: 'database', kind: 'refused by policy', subject: 'statement' });
}

/** Undefined for what the database is not to blame for. */
export function problemOf(error: unknown): ProblemError | undefined {
  const code = prismaCode(error) ?? '';
  if (missing.has(code) || isRefusal(error)) return notFound();
  const isUnavailable = isDatabaseAway(error) || late.has(code) || interrupted.test(sqlState(error));
  return isUnavailable ? new ProblemError('unavailable', {}, { cause: error }) : undefined;
}

/** Whether PostgreSQL could not be asked at all: the statement is not to blame, and may be sent again. */
export function isDatabaseAway(error: unknown): boolean {
  const { kind = '' } = adapterCause(error);
  const isAway = away.has(prismaCode(error) ?? '') || awayStates.test(sqlState(error)) || awayKinds.has(kind);
  return isAway || error instanceof NoConnectionError;
}

function isRefusal(error: unknown): boolean {
  return sqlState(error) === insufficientPrivilege;
}

function prismaCode(error: unknown): string | undefined {
  return error instanceof Prisma.PrismaClientKnownRequestError ? error.code : undefined;
}

function sqlState(error: unknown): string {
  return adapterCause(error).originalCode ?? '';
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
