import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError, type Problem, type ProblemCode } from './errors.js';

const bodyLimitBytes = 64 * 1024;
const requestTimeoutMs = 30_000;

/** Of what never becomes a request with a scope. */
const logger = new Logger('Connection');

const headers = () => ({
  'content-type': 'application/problem+json',
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': randomUUID(),
});

/**
 * Fastify with our limits. It reads JSON and nothing else; what it refuses before any route is a problem, too.
 * @param trustedProxies addresses and CIDR ranges whose X-Forwarded-For says where a request comes from; anyone
 * can send that header, so nobody else's is believed
 */
export function fastifyAdapter(trustedProxies?: string): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    trustProxy: trustedProxies ?? false,
    requestTimeout: requestTimeoutMs,
    // A path that is no valid percent-encoding.
    frameworkErrors: (_error: unknown, _request: FastifyRequest, reply: FastifyReply) => {
      const problem = new ProblemError('malformed-request').toProblem();
      report(problem);
      void reply.status(problem.status).headers(headers()).send(JSON.stringify(problem));
    },
    // What is not HTTP, or has more headers than Node reads: there is no request yet to reply to.
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      if (socket.writable)
        socket.end(rawAnswer(error.code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'malformed-request'));
      else socket.destroy();
    },
  });
  adapter.getInstance().removeContentTypeParser('text/plain');
  return adapter;
}

function rawAnswer(code: ProblemCode): string {
  const problem = new ProblemError(code).toProblem();
  report(problem);
  const body = JSON.stringify(problem);
  const lines = Object.entries({ ...headers(), 'content-length': Buffer.byteLength(body), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
  return `HTTP/1.1 ${String(problem.status)} ${problem.title}\r\n${head}\r\n${body}`;
}

function report({ code, status }: Problem): void {
  logger.log({ msg: 'Refused before it was a request', status, code });
}
