import { randomUUID } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { readConfiguration } from '../../src/config/index.js';
import type { TenantIdentity } from '../../src/isolation/context/index.js';
import { AccessTokens } from '../../src/isolation/http/index.js';

/** A token of somebody in the tenant, as a login gives it. */
export function issueToken({ tenantId, role }: Pick<TenantIdentity, 'tenantId' | 'role'>): Promise<string> {
  return accessTokens().issue({ tenantId, role, userId: randomUUID(), sessionId: randomUUID() });
}

let tokens: AccessTokens | undefined;

function accessTokens(): AccessTokens {
  if (!tokens) {
    const configuration = readConfiguration(process.env);
    tokens = new AccessTokens(new JwtService({ secret: configuration.JWT_SECRET }), configuration);
  }
  return tokens;
}
