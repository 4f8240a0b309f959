import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

const logger = new Logger('Request');
/** In the place of a route's pattern: what was asked for is the client's text, and may hold anything. */
const noRoute = '(none)';

/** Says, once for each request and in its scope, what it asked for and how it ended. */
export function recordRequest(request: FastifyRequest, reply: FastifyReply): void {
  const route = request.is404 ? noRoute : (request.routeOptions.url ?? noRoute);
  const isAborted = !reply.raw.writableFinished;
  logger.log({
    msg: 'Request',
    method: request.method,
    route,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    isAborted: isAborted || undefined,
  });
}
