// The limit: the same answers after the same checks from Fastify, ioredis and pg alone. No Nest, no
// Prisma, no store, no context that is injected; keys, statement and token check are written out. Each
// request is counted as the application counts it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyRequest } from 'fastify';
import { Redis } from 'ioredis';
import { readConfiguration } from '../../../src/config/index.js';
import { EnvelopeSeal } from '../../../src/isolation/cache/envelope.js';
import type { TenantIdentity } from '../../../src/isolation/context/index.js';
import { BoundPool } from '../../../src/isolation/database/bound-pool.js';
import { tenantBinding } from '../../../src/isolation/database/clients.js';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import { TenantPace } from '../../../src/isolation/limits/index.js';
import { requests } from '../../../src/isolation/logging/metrics.js';
import { securityHeaders } from './bare-headers.js';
import { tokenVerifier } from './bare-token.js';
import { registerTags } from './entity-tags.js';
import { serve } from './serve.js';

const configuration = readConfiguration(process.env);
const verify = tokenVerifier(configuration.JWT_SECRET);
const seal = new EnvelopeSeal(configuration.CACHE_ENVELOPE_KEY);
const redis = new Redis(configuration.REDIS_URL, { enableAutoPipelining: true });
const sessions = new Redis(configuration.DURABLE_REDIS_URL, { enableAutoPipelining: true });
const prove = tenantProver(configuration.TENANT_PROOF_KEY);
const pace = new TenantPace(configuration.TENANT_REQUESTS_PER_SECOND);
const tenant = new AsyncLocalStorage<string>();
const pool = new BoundPool(
  { connectionString: configuration.DATABASE_URL, max: configuration.DATABASE_POOL_SIZE },
  () => tenantBinding(tenant.getStore() ?? '', prove),
);

const app = fastify();
app.addHook('onRequest', (_request, reply, done) => {
  void reply.headers({ ...securityHeaders, 'x-request-id': randomUUID(), 'cache-control': 'private, no-store' });
  done();
});
app.addHook('onResponse', ({ method, routeOptions }, { statusCode, elapsedTime }, done) => {
  const status = `${String(Math.floor(statusCode / 100))}xx`;
  requests.observe({ method, route: routeOptions.url ?? '', status }, elapsedTime / 1000);
  done();
});
app.decorateRequest('user');
registerTags(app, configuration.ETAG_KEY);

app.get('/api/projects/:number', async (request: FastifyRequest<{ Params: { number: string } }>, reply) => {
  const identity = await authenticate(request);
  if (!identity) return reply.code(401).send();
  const { number } = request.params;
  if (!/^[1-9]\d{0,9}$/.test(number)) return reply.code(400).send();
  const body = await cachedProject(identity, number);
  if (body === undefined) return reply.code(404).send();
  return reply.header('x-cache', 'HIT').type('application/json; charset=utf-8').send(body);
});

app.get('/api/projects', async (request: FastifyRequest<{ Querystring: { limit?: string } }>, reply) => {
  const identity = await authenticate(request);
  if (!identity) return reply.code(401).send();
  const limit = Number(request.query.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return reply.code(400).send();
  return listProjects(identity, limit);
});

async function authenticate(request: FastifyRequest): Promise<TenantIdentity | undefined> {
  const identity = verify(request.headers.authorization ?? '');
  if (!identity) return undefined;
  await pace.waitForTurn(identity);
  const { tenantId, userId, sessionId } = identity;
  const isAlive = await sessions.hexists(`v1:{${userId}}:session:${tenantId}:${sessionId}`, 'generation');
  if (isAlive !== 1) return undefined;
  request.setDecorator('user', identity);
  return identity;
}

/** What the application has put into Redis; it is asked first. */
async function cachedProject({ tenantId }: TenantIdentity, number: string): Promise<string | undefined> {
  const key = `v1:{${tenantId}}:entry:project:1:${number}`;
  const generation = `v1:{${tenantId}}:generation:`;
  const [quoted, ...generations] = await redis.mget(
    key,
    `${generation}tenant`,
    `${generation}entity:project:${number}`,
  );
  const envelope = quoted ? seal.open(quoted.slice(1, -1)) : undefined;
  const isValid =
    envelope?.tenantId === tenantId &&
    envelope.key === key &&
    generations.every((quotedGeneration, index) => quotedGeneration === `"${envelope.generations[index] ?? ''}"`);
  return isValid ? envelope.body : undefined;
}

async function listProjects({ tenantId }: TenantIdentity, limit: number) {
  const { rows } = await tenant.run(tenantId, () =>
    pool.query<{ number: number }>({
      name: 'list_projects',
      text: `SELECT number, name, description, status, created_at AS "createdAt", updated_at AS "updatedAt"
               FROM projects WHERE tenant_id = $1 ORDER BY number DESC LIMIT $2`,
      values: [tenantId, limit + 1],
    }),
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor =
    rows.length > limit && last ? Buffer.from(JSON.stringify(last.number)).toString('base64url') : null;
  return { items, nextCursor };
}

await app.listen({ port: 0, host: '127.0.0.1' });
serve(app.server, { close: () => app.close() });
