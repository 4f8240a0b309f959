import { TenantContext, type TenantIdentity } from '../../src/isolation/context/index.js';
import { AccessTokens } from '../../src/isolation/http/index.js';
import { Sessions } from '../../src/isolation/sessions/index.js';
import { Client } from './client.js';
import type { TestApp } from './test-app.js';

/** Somebody with a session, able to act over HTTP and inside the application. */
export interface Actor extends Client {
  readonly identity: TenantIdentity;
  /** Runs code of the application in this context. */
  readonly run: <T>(work: () => T | PromiseLike<T>) => Promise<T>;
}

/** Opens a session, as a login does, and spares the time that a password takes. */
export async function enter(
  { get, baseUrl }: Pick<TestApp, 'get' | 'baseUrl'>,
  { tenantId, userId, role }: Omit<TenantIdentity, 'sessionId'>,
): Promise<Actor> {
  const { session } = await get(Sessions).start({ tenantId, userId }, () => Promise.resolve());
  const identity = { ...session, role };
  const context = get(TenantContext);
  const run: Actor['run'] = (work) => context.run(identity, 'test', work);
  return Object.assign(new Client(baseUrl, await get(AccessTokens).issue(identity)), { identity, run });
}
