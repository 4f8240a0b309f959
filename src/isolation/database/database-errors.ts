import { notFound, ProblemError } from '../../common/errors.js';
import type { ProblemTranslator } from '../../common/problem.filter.js';
import { Prisma } from '../../generated/prisma/client.js';
import type { SecurityEvents } from '../audit/index.js';

/** The row refers to one that does not exist for this tenant. */
export const isMissingReference = (error: unknown): boolean => codeOf(error) === 'P2003';

/** https://www.prisma.io/docs/orm/reference/error-reference */
const missingRow = 'P2025';
const refusedByPolicy = 'P2039';
const unavailable = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);

/** Says what the database's errors mean for a client. */
export function databaseProblem(events: SecurityEvents): ProblemTranslator {
  return (error) => {
    const code = codeOf(error);
    if (code === missingRow) return notFound();
    if (code === refusedByPolicy) {
      events.record({ layer: 'database', kind: 'refused by policy', subject: 'statement' });
      return notFound();
    }
    return code !== undefined && unavailable.has(code)
      ? new ProblemError('unavailable', {}, { cause: error })
      : undefined;
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Prisma.PrismaClientKnownRequestError ? error.code : undefined;
}
