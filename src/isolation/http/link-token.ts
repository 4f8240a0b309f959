import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { TenantContext, type TenantIdentity } from '../context/index.js';
import { algorithm, identityOf, issuer } from './access-token.js';

/** A link is a token for one path: it opens no other, and is no access token. */
const audienceOf = (path: string) => `project-1041/link:${path}`;
const lifetimeSeconds = 5 * 60;

/** A link to one route of one tenant's, for who cannot send a token: a browser that is to download. */
export interface Link {
  /** Path and query, on the host that was asked for it. */
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: Date;
}

/** Makes and verifies links. Who follows one acts as who made it, in the session in which it was made. */
@Injectable()
export class LinkTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly context: TenantContext,
  ) {}

  /** @param path of a route that is `@Linkable` */
  async link(path: string): Promise<Link> {
    const { userId, tenantId, sessionId, role } = this.context.identity;
    const token = await this.jwt.signAsync(
      { tenant: tenantId, session: sessionId, role },
      { subject: userId, issuer, audience: audienceOf(path), algorithm, expiresIn: lifetimeSeconds },
    );
    return { url: `${path}?link=${token}`, expiresAt: new Date(Date.now() + lifetimeSeconds * 1000) };
  }

  /** @throws Error for whatever is no link of ours to that path, or has expired */
  async verify(token: string, path: string): Promise<TenantIdentity> {
    const expected = { issuer, audience: audienceOf(path), algorithms: [algorithm] as [typeof algorithm] };
    return identityOf(await this.jwt.verifyAsync<object>(token, expected));
  }
}
