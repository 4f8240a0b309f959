import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastifyAdapter } from '../../../src/common/fastify-adapter.js';
import { ProblemFilter } from '../../../src/common/problem.filter.js';
import { registerUploads } from '../../../src/common/upload.js';
import { validationPipe } from '../../../src/common/validation.js';
import { CONFIGURATION, type Configuration } from '../../../src/config/index.js';
import { inRequestSpan, recordRequest } from '../../../src/isolation/logging/index.js';
import { registerTags } from './entity-tags.js';
import { serve } from './serve.js';

/**
 * The application with another way to know the tenant: as src/bootstrap.ts makes it, down to the
 * headers and to what is said about each request at its end, but without its request scope.
 */
export async function serveVariant(rootModule: Type): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, fastifyAdapter(), {
    bodyParser: false,
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  await app.register(helmet);
  await registerUploads(app);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', randomUUID()).header('cache-control', 'private, no-store');
    inRequestSpan(request.headers, (span) => {
      reply.raw.once('close', () => recordRequest(request, reply, span));
      done();
    });
  });
  registerTags(fastify, app.get<Configuration>(CONFIGURATION).ETAG_KEY);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(() => undefined));
  await app.listen(0, '127.0.0.1');
  serve(app.getHttpServer(), { close: () => app.close() });
}
