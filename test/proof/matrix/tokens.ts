import { createHmac } from 'node:crypto';
import { variable } from '../../support/postgres.js';

export type Claims = Readonly<Record<string, unknown>>;

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow;

/** Made by hand, because libraries refuse to make most of what is tried here. */
export function sign(claims: Claims, header: object = {}, hash = 'sha256', key = variable('JWT_SECRET')): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
}

/** Other claims under the signature of the token. */
function resigned(token: string, changes: Claims): string {
  const [header = '', , signature = ''] = token.split('.');
  return `${header}.${encode({ ...claimsOf(token), ...changes })}.${signature}`;
}

const otherKey = 'another key, of 32 characters or more';

/** What can be made of somebody's token. `own` is the attacker's, `theirs` the victim's, who has not lost it. */
export const tamperings: Readonly<Record<string, (theirs: string, own: string) => string>> = {
  expired: (theirs) => sign({ ...claimsOf(theirs), exp: seconds(-1) }),
  'algorithm none': (theirs) => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claimsOf(theirs))}.`,
  'algorithm HS512': (theirs) => sign(claimsOf(theirs), { alg: 'HS512' }, 'sha512'),
  'algorithm RS256 with the secret': (theirs) => sign(claimsOf(theirs), { alg: 'RS256' }),
  'key of its own': (theirs) =>
    sign(
      claimsOf(theirs),
      { kid: otherKey, jwk: { kty: 'oct', k: Buffer.from(otherKey).toString('base64url') } },
      'sha256',
      otherKey,
    ),
  'another issuer': (theirs) => sign({ ...claimsOf(theirs), iss: 'somebody else' }),
  'another audience': (theirs) => sign({ ...claimsOf(theirs), aud: 'project-1041' }),
  'tenant changed': (theirs, own) => resigned(own, { tenant: claimsOf(theirs)['tenant'] }),
  'everything changed': (theirs, own) => resigned(own, claimsOf(theirs)),
};
