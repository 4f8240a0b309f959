import type { LoggerService } from '@nestjs/common';
import { Logger, type PinoLogger } from 'nestjs-pino';
import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { Configuration } from '../../config/index.js';
import { clean, cleanLine } from './clean.js';
import { droppedRecords, unscopedRecords } from './metrics.js';
import { currentStamp, type Stamp } from './stamp.js';
import { systemScopeOf, unknown } from './system-scopes.js';

/** Takes whole lines. */
export type LogDestination = DestinationStream;

const levels = { error: 'error', warn: 'warn', log: 'info', debug: 'debug' } as const;

/** Bytes that wait for a reader that has stopped. What is logged then is dropped, and counted: kept, it would end the process. */
const mostWaiting = 64 * 1024 * 1024;

/** Not synchronously: a reader that is slow would stop every request. What is not written yet is, when the process exits. */
export function standardOutput(): LogDestination {
  return pino.destination({ fd: 1, sync: false, maxLength: mostWaiting }).on('drop', () => droppedRecords.inc());
}

/** When there is no application yet to say it: the last that the process says. */
export function reportBootFailure(error: unknown): void {
  const logger = applicationLogger(
    { LOG_LEVEL: 'error', NODE_ENV: 'production' },
    pino.destination({ fd: 2, sync: true }),
  );
  const message = error instanceof Error ? error.message : String(error); // ours, or of who could not connect: nobody's request
  logger.error({ msg: message, error }, 'Bootstrap');
}

/** Where everything that is logged goes, Nest's own lines included: one JSON object a line, stamped from the context. */
export function applicationLogger(
  { LOG_LEVEL, NODE_ENV }: Pick<Configuration, 'LOG_LEVEL' | 'NODE_ENV'>,
  destination: LogDestination,
): LoggerService {
  const logger = pino(
    {
      level: levels[LOG_LEVEL],
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      errorKey: 'thrown', // nobody's name for a field: pino would put the message of an error under that name into the record
      serializers: { err: (described: unknown) => described }, // by `clean`; pino has one of its own otherwise
      formatters: { level: (level) => ({ level }), log: clean },
      mixin: (fields) => stampOf(fields, NODE_ENV === 'test'),
      // The stamp comes last: a field by the name of one of its own does not replace it, and is not taken for one.
      mixinMergeStrategy: (fields, stamp) => ({ ...fields, ...noStamp, ...stamp }),
      hooks: { streamWrite: cleanLine },
    },
    destination,
  );
  // It translates Nest's calls into pino's; the rest of nestjs-pino binds fields to requests, which the stamp does.
  return new Logger(logger as unknown as PinoLogger, {});
}

const noStamp: Readonly<Record<keyof Stamp | 'level' | 'time', undefined>> = {
  level: undefined,
  time: undefined,
  tenantId: undefined,
  userId: undefined,
  sessionId: undefined,
  requestId: undefined,
  job: undefined,
  systemWork: undefined,
  scope: undefined,
};

/** Something was logged of which nobody can say whose it is. Thrown in tests only: in production the record matters more. */
export class UnscopedRecordError extends Error {
  override readonly name = 'UnscopedRecordError';

  constructor(logger: string) {
    super(
      `A record of "${logger}" has no tenant. Log it inside the request or job it belongs to; if it belongs to none, ` +
        'list the logger in src/isolation/logging/system-scopes.ts.',
    );
  }
}

/** @throws UnscopedRecordError */
function stampOf(fields: object, isTest: boolean): Stamp {
  const stamp = currentStamp();
  if (stamp) return stamp;
  const { context } = fields as { context?: unknown };
  const scope = systemScopeOf(context);
  if (scope === undefined && isTest) throw new UnscopedRecordError(String(context));
  if (scope === undefined) unscopedRecords.inc();
  return { scope: scope ?? unknown };
}
