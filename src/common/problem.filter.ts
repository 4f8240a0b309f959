import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { problems, ProblemError, type ProblemCode } from './errors.js';

/** Recognises an error of a library and says what it means for the client. */
export type ProblemTranslator = (error: unknown) => ProblemError | undefined;

const codeOfStatus = new Map<number, ProblemCode>(
  (
    [
      'malformed-request',
      'unauthenticated',
      'forbidden',
      'not-found',
      'payload-too-large',
      'unsupported-media-type',
      'headers-too-large',
      'unavailable',
    ] as const
  ).map((code) => [problems[code].status, code]),
);

/** Answers every error as application/problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('Problem');

  constructor(private readonly translate: ProblemTranslator) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problemError = this.#problemError(error);
    const problem = problemError.toProblem();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (problem.status >= 500) this.#logger.error({ msg: 'A request failed', code: problem.code, error });
    if (problem.code === 'unauthenticated' || problem.code === 'session-ended')
      void reply.header('www-authenticate', 'Bearer'); // RFC 9110 §11.6.1
    if (typeof problem['retryAfterSeconds'] === 'number')
      void reply.header('retry-after', String(problem['retryAfterSeconds'])); // RFC 6585 §4
    void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }

  #problemError(error: unknown): ProblemError {
    if (error instanceof ProblemError) return error;
    return (
      this.translate(error) ?? new ProblemError(codeOfStatus.get(statusOf(error)) ?? 'internal', {}, { cause: error })
    );
  }
}

/** Nest's exceptions carry their status in a method, Fastify's in a property; other errors have none. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}
