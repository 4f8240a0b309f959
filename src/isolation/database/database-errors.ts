import { Prisma } from '../../generated/prisma/client.js';

/** The row to change or delete does not exist for this tenant. */
export const isMissingRow = (error: unknown): boolean => hasCode(error, 'P2025');

/** The row refers to one that does not exist for this tenant. */
export const isMissingReference = (error: unknown): boolean => hasCode(error, 'P2003');

/** PostgreSQL refused the statement (insufficient_privilege): a policy or a grant held. */
export const isRefusedByPolicy = (error: unknown): boolean => hasCode(error, 'P2039');

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === code;
}
