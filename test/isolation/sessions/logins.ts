import { sessionKey, type SessionName } from '../../../src/isolation/sessions/session-keys.js';
import { Client, type Answer } from '../../support/client.js';
import { bearer } from '../http/wire.js';
import { password } from '../../support/world.js';

/** The tokens of one login over HTTP. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface Credentials {
  readonly email: string;
  readonly password?: string;
  readonly tenant?: string;
}

/** The ways over HTTP to a session and out of it. */
export class Logins {
  readonly #anonymous: Client;

  constructor(private readonly baseUrl: string) {
    this.#anonymous = new Client(baseUrl);
  }

  tryLogin(credentials: Credentials): Promise<Answer> {
    return this.#anonymous.post('/api/auth/login', { password, ...credentials });
  }

  async login(credentials: Credentials): Promise<Tokens> {
    return tokensOf(await this.tryLogin(credentials));
  }

  tryRefresh(token: string): Promise<Answer> {
    return this.#anonymous.post('/api/auth/refresh', { refresh_token: token });
  }

  async refresh({ refresh_token: token }: Tokens): Promise<Tokens> {
    return tokensOf(await this.tryRefresh(token));
  }

  as({ access_token: token }: Tokens): Client {
    return new Client(this.baseUrl, token);
  }

  /** The status of a request with the token: 200 while its session lives. */
  async statusOf({ access_token: token }: Tokens): Promise<number> {
    return (await this.#anonymous.get('/api/tenant', bearer(token))).status;
  }
}

/** @throws Error unless the answer holds tokens */
export function tokensOf({ status, text, json }: Answer): Tokens {
  if (status !== 200) throw new Error(`No tokens: ${String(status)} ${text}`);
  return json as Tokens;
}

export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

export function sessionOf({ access_token: token }: Pick<Tokens, 'access_token'>): SessionName {
  const { sub, tenant, session } = claimsOf(token) as Record<string, string>;
  return { userId: sub ?? '', tenantId: tenant ?? '', sessionId: session ?? '' };
}

export const keyOf = (tokens: Tokens): string => sessionKey(sessionOf(tokens));
