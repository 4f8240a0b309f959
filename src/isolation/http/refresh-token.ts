import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import { ProblemError } from '../../common/errors.js';
import { uuid } from '../../common/validation.js';
import type { SessionName } from '../sessions/index.js';
import { algorithm, issuer } from './access-token.js';

/** Another audience than that of access tokens: neither is taken for the other. */
const audience = 'project-1041/refresh';

const claims = z.object({ sub: uuid, tenant: uuid, session: uuid, generation: z.int().positive() });

/** Names a session, and the how-manieth token of it this is. It grants nothing by itself: what it is good for is read anew. */
@Injectable()
export class RefreshTokens {
  constructor(private readonly jwt: JwtService) {}

  /** The session says how long it is good, so it carries no end of its own. */
  issue({ userId, tenantId, sessionId }: SessionName, generation: number): Promise<string> {
    const payload = { tenant: tenantId, session: sessionId, generation };
    return this.jwt.signAsync(payload, { subject: userId, issuer, audience, algorithm });
  }

  /** @throws ProblemError session-ended for whatever is no refresh token of ours */
  async verify(token: string): Promise<{ readonly session: SessionName; readonly generation: number }> {
    const payload: unknown = await this.jwt
      .verifyAsync<object>(token, { issuer, audience, algorithms: [algorithm] })
      .catch((cause: unknown) => {
        throw new ProblemError('session-ended', {}, { cause });
      });
    const { success, data } = claims.safeParse(payload);
    if (!success) throw new ProblemError('session-ended');
    const { sub, tenant, session, generation } = data;
    return { session: { userId: sub, tenantId: tenant, sessionId: session }, generation };
  }
}
