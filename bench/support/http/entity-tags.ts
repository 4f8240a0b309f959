import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Mac } from '../../../src/common/mac.js';
import type { TenantIdentity } from '../../../src/isolation/context/index.js';

/**
 * The application's entity tags, of whom the guard has left on the request: the application itself takes that from its
 * context, which other ways do not have. Nobody here sends a tag back, so nothing is ever answered with 304.
 * @param secret ETAG_KEY
 */
export function registerTags(fastify: FastifyInstance, secret: string): void {
  const mac = new Mac(secret);

  fastify.addHook('onSend', (request: FastifyRequest & { user?: TenantIdentity }, reply, payload, done) => {
    const { method, url, user } = request;
    if (user && method === 'GET' && reply.statusCode === 200 && typeof payload === 'string')
      void reply.header('etag', `"${mac.of(`${user.tenantId} ${user.userId} ${url} ${payload}`)}"`);
    done(null, payload);
  });
}
