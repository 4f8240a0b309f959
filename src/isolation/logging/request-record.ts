import { Logger } from '@nestjs/common';
import type { Span } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requests } from './metrics.js';
import { endRequestSpan } from './tracing.js';

const logger = new Logger('Request');
/** In the place of a route's pattern: what was asked for is the client's text, and may hold anything. */
const noRoute = '(none)';

/** Says, once for each request and in its scope, what it asked for and how it ended; counts it, and ends its span. */
export function recordRequest(request: FastifyRequest, reply: FastifyReply, span: Span): void {
  const route = request.is404 ? noRoute : (request.routeOptions.url ?? noRoute);
  const { method } = request;
  const { statusCode: status, elapsedTime: durationMs } = reply;
  const statusClass = `${String(Math.floor(status / 100))}xx`;
  requests.observe({ method, route, status: statusClass }, durationMs / 1000);
  endRequestSpan(span, method, route, status);
  const isAborted = !reply.raw.writableFinished;
  logger.log({
    msg: 'Request',
    method,
    route,
    status,
    durationMs: Math.round(durationMs * 10) / 10,
    isAborted: isAborted || undefined,
  });
}
