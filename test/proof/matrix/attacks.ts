import { roles, type Role } from '../../../src/isolation/context/index.js';
import { LinkTokens } from '../../../src/isolation/http/index.js';
import { Sessions } from '../../../src/isolation/sessions/index.js';
import type { DeclaredRoute } from '../../isolation/http/inventory.js';
import type { Owner } from '../owners.js';
import { call, type Caller } from './callers.js';
import type { Row } from './row.js';
import { tamperings } from './tokens.js';

/** With what an attacker asks. */
export interface Means {
  /** Whose body is sent, where it says who asks. */
  readonly caller: Caller;
  /** Instead of the caller's access token; null for none. */
  readonly token?: string | null;
  readonly method?: 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Added to the body. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

export interface Attack {
  readonly name: string;
  /**
   * theirs: the thing is one that only the victim has; same: the attacker has one of the same ids.
   * A route that names nothing answers about the caller: it is attacked once, as `same`.
   */
  readonly target: 'theirs' | 'same';
  /** The only answer that refuses; without one, any answer that is that for what does not exist. */
  readonly status?: number;
  /** It is no attack on the attacker's own thing: it must succeed, or the other `same` answers say nothing. */
  readonly mustSucceed?: boolean;
  /** They share the tenant with the victim: what is hidden from them is only what is the user's own. */
  readonly isColleague?: true;
  /** Why the answer is right, for who reads the page. */
  readonly why: string;
  /** Why there is nothing to attack this way; undefined where there is. */
  readonly inapplicable: (route: DeclaredRoute, owner: Owner) => string | undefined;
  readonly means: (row: Row) => Means | Promise<Means>;
}

const isPublic = ({ publicReason }: DeclaredRoute) => publicReason !== undefined;
const needsToken = (route: DeclaredRoute, owner: Owner) =>
  isPublic(route) && owner.token === undefined ? 'the route takes no token' : undefined;
const isGet = ({ method }: DeclaredRoute) => (method === 'GET' ? undefined : 'only for what is read');
const both =
  (...conditions: Attack['inapplicable'][]): Attack['inapplicable'] =>
  (route, owner) =>
    conditions.map((condition) => condition(route, owner)).find((reason) => reason !== undefined);
const takesAccessToken: Attack['inapplicable'] = (route) =>
  isPublic(route) ? 'the route takes no access token' : undefined;
const isOfSomebody: Attack['inapplicable'] = (_, { of }) => (of === 'nobody' ? 'the route is about nobody' : undefined);

const unauthenticated = { target: 'theirs', status: 401, why: 'a token that is not good is none: 401' } as const;

const tokenAttacks: Attack[] = [
  {
    ...unauthenticated,
    name: 'no token',
    inapplicable: takesAccessToken,
    means: ({ owner }) => ({ caller: owner, token: null }),
  },
  ...Object.entries(tamperings).map(([name, tamper]): Attack => ({
    ...unauthenticated,
    name: `token: ${name}`,
    inapplicable: needsToken,
    means: async (row) => {
      const attacker = await row.attacker();
      return { caller: attacker, token: tamper(await row.tokenOf(row.owner), await row.tokenOf(attacker)) };
    },
  })),
  {
    ...unauthenticated,
    name: 'token: of the other kind',
    why: 'a refresh token is no access token, nor the other way round: 401',
    inapplicable: needsToken,
    means: async ({ owner, declaration }) => ({
      caller: owner,
      token: declaration.token ? (owner.client.token ?? '') : await owner.refreshToken(),
    }),
  },
  {
    ...unauthenticated,
    name: 'token: of a link',
    why: 'a link opens one path, and is no access token: 401',
    inapplicable: needsToken,
    means: async (row) => ({ caller: row.owner, token: await linkToken(row) }),
  },
  {
    ...unauthenticated,
    name: 'link: to another path',
    why: 'a link opens one path, and no other: 401',
    inapplicable: takesAccessToken,
    means: async (row) => ({ caller: row.owner, token: null, query: { link: await linkToken(row) } }),
  },
];

async function linkToken({ testApp, owner }: Row): Promise<string> {
  const { url } = await owner.run(() => testApp.get(LinkTokens).link('/api/projects/1/files/1/content'));
  return url.replace(/^.*link=/, '');
}

const ended = { target: 'theirs', status: 401, why: 'the session has ended: 401', inapplicable: needsToken } as const;

const endedAttacks: Attack[] = [
  {
    ...ended,
    name: 'revoked session',
    means: async ({ testApp, owner }) => {
      const caller = await owner.again();
      await testApp.get(Sessions).end(caller.identity);
      return { caller };
    },
  },
  {
    ...ended,
    name: 'session of somebody else',
    why: 'a session is found under its tenant and user only: 401',
    means: async (row) => {
      const stolen = { ...(await row.attacker()).identity, sessionId: row.owner.identity.sessionId };
      return { caller: row.owner, token: await row.issue(stolen) };
    },
  },
  { ...ended, name: 'suspended tenant', means: ({ stage }) => ({ caller: stage.memberOfSuspendedTenant }) },
  { ...ended, name: 'removed member', means: ({ stage }) => ({ caller: stage.removedMember }) },
];

const roleAttacks: Attack[] = (['visitor', 'viewer', 'member'] as const).map((role) => ({
  name: `role: ${role}`,
  target: 'theirs',
  status: 403,
  isColleague: true,
  why: 'the role is too low, whether the thing exists or not: 403',
  inapplicable: both(takesAccessToken, ({ minimumRole }) =>
    isBelow(role, minimumRole ?? 'viewer') ? undefined : `the route is open to a ${role}`,
  ),
  means: async (row) => ({
    caller: role === 'visitor' ? await row.visitor() : await call(row.testApp, row.stage.world.acme[role]),
  }),
}));

const isBelow = (role: Role, minimum: Role) => roles.indexOf(role) < roles.indexOf(minimum);

const namesTenant = ({ owner, stage: { world } }: Row) => ({
  tenantId: owner.identity.tenantId,
  tenant_id: owner.identity.tenantId,
  tenant: world.acme.slug,
  organizationId: owner.identity.tenantId,
});
const spoofingHeaders = (row: Row): Record<string, string> => ({
  ...Object.fromEntries(
    ['x-tenant-id', 'x-tenant', 'tenant-id', 'x-organization-id'].map((name) => [name, row.owner.identity.tenantId]),
  ),
  'x-user-id': row.owner.identity.userId,
  'x-forwarded-host': `${row.stage.world.acme.slug}.example`,
  cookie: `tenant=${row.owner.identity.tenantId}`,
});

/** The ways in which the other tenant's admin asks, each for what only the victim has, and for what both have. */
const crossings: (Pick<Attack, 'name' | 'inapplicable'> & {
  readonly extra: (row: Row) => Omit<Means, 'caller'>;
})[] = [
  { name: '', inapplicable: isOfSomebody, extra: () => ({}) },
  {
    name: ', tenant in headers',
    inapplicable: isOfSomebody,
    extra: (row) => ({ headers: spoofingHeaders(row) }),
  },
  { name: ', tenant in the query', inapplicable: isOfSomebody, extra: (row) => ({ query: namesTenant(row) }) },
  {
    name: ', tenant in the body',
    inapplicable: both(isOfSomebody, ({ method }) => (method === 'GET' ? 'a GET has no body' : undefined)),
    extra: (row) => ({ fields: namesTenant(row) }),
  },
  { name: ', HEAD', inapplicable: both(isOfSomebody, isGet), extra: () => ({ method: 'HEAD' }) },
  {
    name: ', If-None-Match of the owner',
    inapplicable: both(isOfSomebody, isGet),
    extra: ({ etag }) => ({ headers: { 'if-none-match': etag ?? '*' } }),
  },
  {
    name: ', If-Modified-Since',
    inapplicable: both(isOfSomebody, isGet),
    extra: () => ({ headers: { 'if-modified-since': new Date(Date.now() + 86_400_000).toUTCString() } }),
  },
  {
    name: ', Range',
    inapplicable: both(isOfSomebody, isGet),
    extra: () => ({ headers: { range: 'bytes=0-63' } }),
  },
];

const namesThing: Attack['inapplicable'] = (_, { path, namesInBody }) =>
  path.includes('{') || namesInBody ? undefined : 'the route names nothing: see "same ids"';

const tenantAttacks: Attack[] = crossings.flatMap(({ name, inapplicable, extra }) => {
  const means = async (row: Row): Promise<Means> => ({ caller: await row.attacker(), ...extra(row) });
  return [
    {
      name: `other tenant${name}`,
      target: 'theirs',
      why: 'what another tenant has does not exist: the very bytes of the answer for what does not',
      inapplicable: both(inapplicable, namesThing),
      means,
    },
    {
      name: `other tenant, same ids${name}`,
      target: 'same',
      mustSucceed: name === '',
      why: 'the answer is about what the attacker has: nothing of the victim’s is in it, and nothing of theirs changed',
      inapplicable,
      means,
    },
  ] satisfies Attack[];
});

const colleagueAttacks: Attack[] = (['theirs', 'same'] as const).map((target) => ({
  name: target === 'theirs' ? 'other user of the tenant' : 'other user, their own',
  target,
  isColleague: true,
  why:
    target === 'theirs'
      ? 'what another user has does not exist: the very bytes of the answer for what does not'
      : 'the answer is about what the attacker has: nothing of the other user’s is in it, and nothing of theirs changed',
  inapplicable: both(
    (_, { of }) => (of === 'user' ? undefined : 'not one user’s own'),
    target === 'theirs' ? namesThing : () => undefined,
  ),
  means: async ({ testApp, stage }) => ({ caller: await call(testApp, stage.world.acme.member) }),
}));

export const attacks: readonly Attack[] = [
  ...tokenAttacks,
  ...endedAttacks,
  ...roleAttacks,
  ...tenantAttacks,
  ...colleagueAttacks,
  {
    ...unauthenticated,
    name: 'HEAD without a token',
    inapplicable: both(takesAccessToken, isGet),
    means: ({ owner }) => ({ caller: owner, token: null, method: 'HEAD' }),
  },
];
