import { createSecretKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { z } from 'zod';
import { ProblemError } from '../../common/errors.js';
import { uuid } from '../../common/validation.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { roles, type TenantIdentity } from '../context/index.js';

export const algorithm = 'HS256';
export const issuer = 'project-1041';
const audience = 'project-1041/api';

const claims = z.object({ sub: uuid, tenant: uuid, session: uuid, role: z.enum(roles), exp: z.number() });

/** Makes the tokens that `AccessTokenStrategy` accepts. */
@Injectable()
export class AccessTokens {
  readonly lifetimeSeconds: number;

  constructor(
    private readonly jwt: JwtService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.lifetimeSeconds = configuration.JWT_LIFETIME_SECONDS;
  }

  issue(identity: TenantIdentity, lifetimeSeconds = this.lifetimeSeconds): Promise<string> {
    const { userId, tenantId, sessionId, role } = identity;
    return this.jwt.signAsync(
      { tenant: tenantId, session: sessionId, role },
      { subject: userId, issuer, audience, algorithm, expiresIn: lifetimeSeconds },
    );
  }
}

/** Whoever a verified access token names, and until when it does. */
export interface Bearer extends TenantIdentity {
  readonly expiry: Date;
}

/** Verifies a bearer token. Algorithm, issuer and audience are ours to say, never the token's. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  constructor(@Inject(CONFIGURATION) { JWT_SECRET }: Configuration) {
    const secretKey = createSecretKey(JWT_SECRET, 'utf8');
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // A key object: given the secret as text, jsonwebtoken first tries to read a public key out of it, for every token.
      secretOrKeyProvider: (_request, _token, done) => done(null, secretKey as unknown as Buffer),
      algorithms: [algorithm],
      issuer,
      audience,
    });
  }

  validate(payload: { exp: number }): Bearer {
    return { ...identityOf(payload), expiry: new Date(payload.exp * 1000) };
  }
}

/** @throws ProblemError unauthenticated when a claim is missing or has another shape */
export function identityOf(payload: unknown): TenantIdentity {
  const { success, data } = claims.safeParse(payload);
  if (!success) throw new ProblemError('unauthenticated');
  return { userId: data.sub, tenantId: data.tenant, sessionId: data.session, role: data.role };
}
