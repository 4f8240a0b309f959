import type { FastifyInstance } from 'fastify';
import { Mac } from '../../common/mac.js';
import { currentScope } from '../context/index.js';

/**
 * Gives every JSON answer of a reader an ETag, and 304 to who names it in If-None-Match. It is a MAC over tenant, user, URL
 * and body: nobody can make or guess one, and one of another tenant or user, or of another URL, is no match. (Fastify's and
 * Express's are a hash of the body, which tells whoever guesses it; a row's version matches another tenant's row of the
 * same number.)
 *
 * It is made of the finished answer, when guard and handler have run: what is refused or gone is never 304.
 * @param secret ETAG_KEY
 */
export function registerEntityTags(fastify: FastifyInstance, secret: string): void {
  const mac = new Mac(secret);

  fastify.addHook('onSend', (request, reply, payload, done) => {
    const identity = currentScope()?.identity;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!identity || !isRead || reply.statusCode !== 200 || typeof payload !== 'string') {
      done(null, payload);
      return;
    }
    const tag = `"${mac.of(`${identity.tenantId} ${identity.userId} ${request.url} ${payload}`)}"`;
    void reply.header('etag', tag);
    if (!matches(request.headers['if-none-match'], tag)) {
      done(null, payload);
      return;
    }
    void reply.status(304).removeHeader('content-type');
    done(null, request.method === 'HEAD' ? payload : null); // from HEAD Fastify takes it itself, counting it first
  });
}

/** RFC 9110 §13.1.2: `*`, or a list of tags of which one is the same, be it called weak or not. */
function matches(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false;
  return condition === '*' || (condition.match(/"[^"]*"/g)?.includes(tag) ?? false);
}
