import 'reflect-metadata';
import helmet from '@fastify/helmet';
import { ConsoleLogger, filterLogLevels, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { fastifyAdapter } from './common/fastify-adapter.js';
import { ProblemFilter } from './common/problem.filter.js';
import { validationPipe } from './common/validation.js';
import { readConfiguration } from './config/index.js';
import { SecurityEvents } from './isolation/audit/index.js';
import { TenantContext } from './isolation/context/index.js';
import { databaseProblem } from './isolation/database/index.js';
import { registerRequestScope } from './isolation/http/index.js';

/**
 * The application, ready to listen: the same for production, tests and the demo.
 * @param rootModule what to run; a superset of AppModule in tests and the demo
 */
export async function createApp(rootModule: Type = AppModule): Promise<NestFastifyApplication> {
  const { LOG_LEVEL, NODE_ENV } = readConfiguration(process.env);
  const logger = new ConsoleLogger({ json: NODE_ENV === 'production', logLevels: filterLogLevels(`>=${LOG_LEVEL}`) });
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, fastifyAdapter(), {
    bodyParser: false, // Nest's would read forms, too: see fastify-adapter.ts
    logger,
    abortOnError: false,
  });

  await app.register(helmet);
  registerRequestScope(app.getHttpAdapter().getInstance(), app.get(TenantContext));
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(databaseProblem(app.get(SecurityEvents))));
  app.enableShutdownHooks();
  return app;
}
