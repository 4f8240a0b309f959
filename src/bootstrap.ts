import 'reflect-metadata';
import helmet from '@fastify/helmet';
import {
  ConsoleLogger,
  filterLogLevels,
  type INestApplicationContext,
  type LoggerService,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { fastifyAdapter } from './common/fastify-adapter.js';
import { ProblemFilter } from './common/problem.filter.js';
import { registerUploads } from './common/upload.js';
import { validationPipe } from './common/validation.js';
import { CONFIGURATION, readConfiguration, type Configuration } from './config/index.js';
import { SecurityEvents } from './isolation/audit/index.js';
import { TenantContext } from './isolation/context/index.js';
import { databaseProblem } from './isolation/database/index.js';
import { registerEntityTags, registerRequestScope } from './isolation/http/index.js';
import { WorkerModule } from './worker.module.js';

/**
 * The application, ready to listen: the same for production, tests and the demo.
 * @param rootModule what to run; a superset of AppModule in tests and the demo
 */
export async function createApp(rootModule: Type = AppModule): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, fastifyAdapter(), {
    bodyParser: false, // Nest's would read forms, too: see fastify-adapter.ts
    logger: logger(),
    abortOnError: false,
  });

  await app.register(helmet);
  await registerUploads(app);
  const fastify = app.getHttpAdapter().getInstance();
  registerRequestScope(fastify, app.get(TenantContext));
  registerEntityTags(fastify, app.get<Configuration>(CONFIGURATION).ETAG_KEY);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(databaseProblem(app.get(SecurityEvents))));
  app.enableShutdownHooks();
  return app;
}

/** The same application with its worker and without its HTTP server, at work. A SIGTERM ends it after the jobs that are running. */
export async function createWorker(): Promise<INestApplicationContext> {
  const worker = await NestFactory.createApplicationContext(WorkerModule, { logger: logger(), abortOnError: false });
  return worker.enableShutdownHooks([], { useProcessExit: true }); // 0, and not "ended by a signal"
}

function logger(): LoggerService {
  const { LOG_LEVEL, NODE_ENV } = readConfiguration(process.env);
  return new ConsoleLogger({ json: NODE_ENV === 'production', logLevels: filterLogLevels(`>=${LOG_LEVEL}`) });
}
