import 'reflect-metadata';

if (!process.env['DATABASE_URL'] || !process.env['ADMIN_DATABASE_URL']) {
  throw new Error(
    'Run the tests with "npm test": it starts PostgreSQL and Redis. With servers of your own, set every variable of ' +
      '.env.example, ADMIN_DATABASE_URL included: some attacks are made by a superuser.',
  );
}
process.env['LOG_LEVEL'] ??= 'error';
process.env['NODE_ENV'] = 'test';
// All suites come from one address.
process.env['LOGIN_FAILURES_PER_ADDRESS'] ??= '1000000';
process.env['VISITORS_PER_ADDRESS'] ??= '1000000';
process.env['CANARY_INTERVAL_SECONDS'] = process.env['CACHE_SAMPLE_ONE_IN'] = '0'; // suites that are about them say so
// A slow machine must not turn people away.
process.env['DURABLE_COMMAND_TIMEOUT_MS'] ??= '5000';
process.env['DATABASE_STATEMENT_TIMEOUT_MS'] ??= '15000';
