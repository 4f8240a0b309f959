/**
 * The registry: what may be logged without a tenant, and why. By the names of its loggers, and not by a scope that
 * is entered: what boot sets up (sockets, timers) would carry a boot scope on into everything that comes after.
 */
export const systemScopes = {
  boot: {
    reason: 'The application is starting or ending: there is no request.',
    loggers: [
      'NestFactory',
      'InstanceLoader',
      'RoutesResolver',
      'RouterExplorer',
      'NestApplication',
      'NestApplicationContext',
      'ExceptionHandler',
      'Bootstrap',
      'MetricsServer',
      'BootCheck',
    ],
  },
  connection: { reason: 'What is not HTTP, or names no path, is nobody’s request.', loggers: ['Connection'] },
  dispatcher: { reason: 'It hands on the jobs of all tenants together.', loggers: ['Dispatcher'] },
  transport: { reason: 'A connection to Redis carries the jobs of all tenants.', loggers: ['JobTransport'] },
  sweep: { reason: 'It removes what nobody owns any more.', loggers: ['StorageSweep'] },
} as const;

/** Of a request or job until it is known who asks; so, too, of one that is refused, or that anybody may make. */
export const unauthenticated = 'unauthenticated';
/** Of a record that should not be: a defect, which fails the tests. */
export const unknown = 'unknown';

const byLogger = new Map<unknown, string>(
  Object.entries(systemScopes).flatMap(([scope, { loggers }]) => loggers.map((logger) => [logger, scope])),
);

/** @param logger as in `new Logger(logger)` */
export function systemScopeOf(logger: unknown): string | undefined {
  return byLogger.get(logger);
}
