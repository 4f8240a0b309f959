import 'reflect-metadata';
import helmet from '@fastify/helmet';
import { ConsoleLogger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { ProblemFilter } from './common/problem.filter.js';
import { validationPipe } from './common/validation.js';
import { CONFIGURATION, type Configuration } from './config/index.js';
import { SecurityEvents } from './isolation/audit/index.js';
import { TenantContext } from './isolation/context/index.js';
import { databaseProblem } from './isolation/database/index.js';
import { registerRequestScope } from './isolation/http/index.js';

const bodyLimitBytes = 64 * 1024;
const requestTimeoutMs = 30_000;

/**
 * The application, ready to listen: the same for production, tests and the demo.
 * @param rootModule what to run; a superset of AppModule in tests and the demo
 */
export async function createApp(rootModule: Type = AppModule): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: bodyLimitBytes, requestTimeout: requestTimeoutMs });
  const logger = new ConsoleLogger({ json: process.env['NODE_ENV'] === 'production' });
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, adapter, { logger, abortOnError: false });
  const { LOG_LEVEL } = app.get<Configuration>(CONFIGURATION);
  logger.setLogLevels([...(['fatal', 'error', 'warn', 'log', 'debug'] as const)].slice(0, ['error', 'warn', 'log', 'debug'].indexOf(LOG_LEVEL) + 2));

  await app.register(helmet);
  registerRequestScope(app.getHttpAdapter().getInstance(), app.get(TenantContext));
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(databaseProblem(app.get(SecurityEvents))));
  app.enableShutdownHooks();
  return app;
}
