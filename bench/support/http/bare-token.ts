import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { roles, type TenantIdentity } from '../../../src/isolation/context/index.js';

const issuer = 'project-1041';
const audience = 'project-1041/api';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly exp: number;
  readonly sub: string;
  readonly tenant: string;
  readonly session: string;
  readonly role: TenantIdentity['role'];
}

/** Checks a bearer token for all that AccessTokenStrategy checks, without a library. Undefined: not one of ours. */
export function tokenVerifier(secret: string): (authorization: string) => TenantIdentity | undefined {
  const key = createSecretKey(secret, 'utf8');
  return (authorization) => {
    const [header = '', payload = '', signature = ''] = authorization.replace(/^bearer /i, '').split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest();
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    if ((decode(header) as { alg: string }).alg !== 'HS256') return undefined;
    const claims = decode(payload) as Claims;
    const { sub: userId, tenant: tenantId, session: sessionId, role } = claims;
    const isOurs = claims.iss === issuer && claims.aud === audience && claims.exp > Date.now() / 1000;
    const isComplete = [userId, tenantId, sessionId].every((id) => uuid.test(id)) && roles.includes(role);
    return isOurs && isComplete ? { userId, tenantId, sessionId, role } : undefined;
  };
}

function decode(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
