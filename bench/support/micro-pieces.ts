import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { readConfiguration, type Configuration } from '../../src/config/index.js';
import { addressOf } from '../../src/isolation/cache/cache-key.js';
import { EnvelopeSeal } from '../../src/isolation/cache/envelope.js';
import { cacheEntries } from '../../src/isolation/cache/index.js';
import { TenantContext, type TenantIdentity } from '../../src/isolation/context/index.js';
import { mostRemembered, tenantProver } from '../../src/isolation/database/tenant-proof.js';
import { AccessTokens, AccessTokenStrategy } from '../../src/isolation/http/access-token.js';
import { applicationLogger, inSpan } from '../../src/isolation/logging/index.js';

/** One operation that is too short to be timed alone. */
export interface Piece {
  readonly name: string;
  /** What it answers with is awaited, if it can be. */
  readonly operate: () => unknown;
  readonly isRight: (result: unknown) => boolean;
}

export interface Pieces {
  readonly synchronous: readonly Piece[];
  readonly asynchronous: readonly Piece[];
  /** Asynchronous as well: the bare way to enter a context, then ours, then none. */
  readonly entering: readonly Piece[];
  /** Runs `work` in the context that the pieces read. */
  readonly inTenant: <T>(work: () => Promise<T>) => Promise<T>;
}

const number = 1041;

export async function createPieces(): Promise<Pieces> {
  const configuration = readConfiguration(process.env);
  const context = new TenantContext();
  const ids = { tenantId: randomUUID(), userId: randomUUID(), sessionId: randomUUID() };
  const identity: TenantIdentity = { ...ids, role: 'member' };
  return {
    synchronous: [
      { name: 'nothing: an empty function', operate: () => undefined, isRight: isNothing },
      { name: 'read context.tenantId', operate: () => context.tenantId, isRight: (id) => id === ids.tenantId },
      ...comingBack(context),
      cacheKeys(identity),
      ...tenantProofs(configuration, identity),
      ...envelope('0.5 kB', 500, configuration, identity),
      ...envelope('10 kB', 10_000, configuration, identity),
      requestRecord(configuration, identity),
    ],
    asynchronous: [await accessToken(configuration, identity), unheardSpan()],
    entering: entering(context, identity),
    inTenant: (work) => context.run(identity, 'bench', work),
  };
}

/** Once, as each request does before its handler. */
function comingBack(context: TenantContext): readonly Piece[] {
  const work = () => context.requestId;
  const isRight = (id: unknown) => id === 'bench';
  return [
    { name: 'capture a scope, and enter it again', operate: () => context.capture()(work), isRight },
    { name: 'the same with AsyncLocalStorage.snapshot', operate: () => AsyncLocalStorage.snapshot()(work), isRight },
  ];
}

function cacheKeys(identity: TenantIdentity): Piece {
  const operate = () => addressOf(cacheEntries.project, { number }, identity);
  const expected = JSON.stringify(operate());
  return { name: 'the keys of a cached project', operate, isRight: (address) => JSON.stringify(address) === expected };
}

function tenantProofs({ TENANT_PROOF_KEY }: Configuration, { tenantId }: TenantIdentity): readonly Piece[] {
  const key = createHash('sha256').update(TENANT_PROOF_KEY).digest();
  const proofOf = (id: string) => createHmac('sha256', key).update(id).digest('hex');
  const prove = tenantProver(TENANT_PROOF_KEY);
  // Twice as many as are remembered, in turn: none is when its turn comes again.
  const strangers = Array.from({ length: 2 * mostRemembered }, () => randomUUID());
  let turn = 0;
  return [
    {
      name: 'the proof of a tenant, remembered',
      operate: () => prove(tenantId),
      isRight: (proof) => proof === proofOf(tenantId),
    },
    {
      name: 'the proof of a tenant, made',
      operate: () => prove(strangers[++turn % strangers.length] ?? ''),
      isRight: (proof) => proof === proofOf(strangers[turn % strangers.length] ?? ''),
    },
  ];
}

function envelope(
  size: string,
  bodyLength: number,
  { CACHE_ENVELOPE_KEY }: Configuration,
  identity: TenantIdentity,
): readonly Piece[] {
  const { tenantId, key } = addressOf(cacheEntries.project, { number }, identity);
  const content = { tenantId, key, generations: ['x'.repeat(16), 'y'.repeat(16)], body: 'z'.repeat(bodyLength) };
  const expected = JSON.stringify(content);
  const seal = new EnvelopeSeal(CACHE_ENVELOPE_KEY);
  const sealed = seal.seal(content);
  return [
    { name: `seal an envelope of ${size}`, operate: () => seal.seal(content), isRight: (result) => result === sealed },
    {
      name: `open an envelope of ${size}`,
      operate: () => seal.open(sealed),
      isRight: (opened) => JSON.stringify(opened) === expected,
    },
  ];
}

/** Without the writing of it. */
function requestRecord(configuration: Configuration, { tenantId }: TenantIdentity): Piece {
  let line = '';
  const logger = applicationLogger({ ...configuration, LOG_LEVEL: 'log' }, { write: (written) => (line = written) });
  const fields = { msg: 'Request', method: 'GET', route: '/api/projects/:number', status: 200, durationMs: 1.1 };
  const operate = () => {
    logger.log(fields, 'Request');
    return line;
  };
  const isRight = (written: unknown) => (JSON.parse(written as string) as TenantIdentity).tenantId === tenantId;
  return { name: 'the record of a request', operate, isRight };
}

/** No SDK is registered in this process. */
function unheardSpan(): Piece {
  const operate = () => inSpan('cache read', { 'cache.entry': cacheEntries.project.name }, async () => {});
  return { name: 'a span that nobody listens to', operate, isRight: isNothing };
}

/** As Passport does it: on an object made from the strategy, which calls back. */
async function accessToken(configuration: Configuration, identity: TenantIdentity): Promise<Piece> {
  const strategy = new AccessTokenStrategy(configuration);
  const tokens = new AccessTokens(new JwtService({ secret: configuration.JWT_SECRET }), configuration);
  const request = { headers: { authorization: `Bearer ${await tokens.issue(identity)}` } };
  const verify = () =>
    new Promise<unknown>((success, fail) => {
      const attempt = Object.create(strategy) as AccessTokenStrategy & { authenticate: (request: unknown) => void };
      Object.assign(attempt, { success, fail, error: fail });
      attempt.authenticate(request);
    });
  const isRight = (result: unknown) => (result as TenantIdentity).tenantId === identity.tenantId;
  return { name: 'verify an access token', operate: verify, isRight };
}

function entering(context: TenantContext, identity: TenantIdentity): readonly Piece[] {
  const storage = new AsyncLocalStorage<TenantIdentity>();
  const work = async () => {};
  return [
    { name: 'AsyncLocalStorage.run', operate: () => storage.run(identity, work), isRight: isNothing },
    { name: 'ours: TenantContext.run', operate: () => context.run(identity, 'bench', work), isRight: isNothing },
    { name: 'nothing: an empty async function', operate: work, isRight: isNothing },
  ];
}

function isNothing(result: unknown): boolean {
  return result === undefined;
}
