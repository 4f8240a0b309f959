import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { TenantContext } from '../context/index.js';
import { inRequestSpan, recordRequest } from '../logging/index.js';

type Enter = <T>(work: () => T) => T;

/**
 * Gives every request a scope of its own and an id of ours (a client's id could be anyone's), and
 * keeps every answer out of shared caches. What is said about it at its end is said in that scope.
 */
export function registerRequestScope(fastify: FastifyInstance, context: TenantContext): void {
  fastify.decorateRequest('enterScope');

  fastify.addHook('onRequest', (request, reply, done) => {
    const requestId = randomUUID();
    void reply.header('x-request-id', requestId).header('cache-control', 'private, no-store');
    context.open(requestId, () =>
      inRequestSpan(request.headers, (span) => {
        const enter = context.capture();
        request.setDecorator<Enter>('enterScope', enter);
        // An answer ends whenever its last byte is on the way, in anybody's execution; or never, when the client goes away.
        reply.raw.once('close', () => enter(() => recordRequest(request, reply, span)));
        done();
      }),
    );
  });

  // What happens before the handler (plug-ins, hooks, the body's events on a socket that requests share)
  // may lose the scope, or hand on in another request's. It is entered again from the request itself.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const enter = request.getDecorator<Enter | undefined>('enterScope');
    if (!enter) throw new Error('A request reached its handler without a scope.');
    enter(done);
  });
}
