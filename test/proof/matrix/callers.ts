import type { TenantIdentity } from '../../../src/isolation/context/index.js';
import { RefreshTokens } from '../../../src/isolation/http/index.js';
import { enter } from '../../support/actor.js';
import { Client } from '../../support/client.js';
import type { TestApp } from '../../support/test-app.js';

/** Somebody with a session of their own, for one row or one cell of the matrix. */
export interface Caller {
  readonly client: Client;
  readonly email: string;
  readonly identity: TenantIdentity;
  readonly run: <T>(work: () => T | PromiseLike<T>) => Promise<T>;
  /** The first of the session. */
  readonly refreshToken: () => Promise<string>;
  /** The same person in another session. */
  readonly again: () => Promise<Caller>;
}

/** Who a caller is, before there is a session. */
export interface Somebody {
  readonly email: string;
  readonly identity: Omit<TenantIdentity, 'sessionId'>;
}

export async function call(testApp: TestApp, somebody: Somebody): Promise<Caller> {
  const actor = await enter(testApp, somebody.identity);
  return {
    client: actor,
    email: somebody.email,
    identity: actor.identity,
    run: actor.run,
    refreshToken: () => testApp.get(RefreshTokens).issue(actor.identity, 1),
    again: () => call(testApp, somebody),
  };
}
