import { randomUUID } from 'node:crypto';
import type { TenantIdentity } from '../../../src/isolation/context/index.js';
import { AccessTokens, RefreshTokens } from '../../../src/isolation/http/index.js';
import { addMember } from '../../isolation/http/people.js';
import type { TestApp } from '../../support/test-app.js';
import type { TenantOfWorld } from '../../support/world.js';
import type { Owner } from '../owners.js';
import { call, type Caller } from './callers.js';
import type { MatrixStage } from './stage.js';
import { absentThings, makeThings, namedIn, type Things } from './things.js';

/** One route, what there is for it on both sides, and who asks. */
export interface Row {
  readonly stage: MatrixStage;
  readonly testApp: TestApp;
  readonly declaration: Owner;
  /** The victim: the admin of Acme, in a session of this row's. */
  readonly owner: Caller;
  /** The admin of Globex, in a session of each cell's: some routes end it. */
  readonly attacker: () => Promise<Caller>;
  readonly visitor: () => Promise<Caller>;
  /** Only the victim has these. */
  readonly theirs: Things;
  /** Acme and Globex both have things of these ids, where ids can be the same. */
  readonly same: Things;
  readonly absent: Things;
  /** What the owner's answer is tagged with. */
  readonly etag: string | undefined;
  /** What no attacker may be told, and what a colleague may not be told either. */
  readonly markers: readonly string[];
  readonly privateMarkers: readonly string[];
  /** The token that the route takes. */
  readonly tokenOf: (caller: Caller) => Promise<string>;
  readonly issue: (identity: TenantIdentity) => Promise<string>;
}

let lastNumber = 1000;

export async function makeRow(stage: MatrixStage, declaration: Owner): Promise<Row> {
  const { testApp, world } = stage;
  const { acme, globex } = world;
  const owner = await call(testApp, acme.admin);
  const attacker = () => call(testApp, globex.admin);
  const secret = `private-${randomUUID()}`;
  const make = (tenant: TenantOfWorld, caller: Caller, after: number, text: string) =>
    makeThings(testApp, tenant, caller, after, text, (path) => declaration.path.startsWith(path));

  lastNumber += 1000;
  const globexs = await make(globex, await attacker(), lastNumber, globex.marker);
  const same = await make(acme, owner, lastNumber, `${acme.marker} ${secret}`);
  const theirs = await make(acme, owner, lastNumber + 500, `${acme.marker} ${secret}`);
  // A member of this row's own, where the route could remove them; and somebody who is a member of both.
  const members = namedIn(declaration.path).includes('member')
    ? { theirs: (await addMember(testApp, acme, 'member')).userId, same: stage.consultant }
    : { theirs: theirs.member, same: globexs.member };

  const privateMarkers = [secret, theirs.session, theirs.thread, owner.identity.sessionId, owner.email];
  const issue: Row['issue'] = (identity) =>
    declaration.token ? testApp.get(RefreshTokens).issue(identity, 1) : testApp.get(AccessTokens).issue(identity);
  return {
    stage,
    testApp,
    declaration,
    owner,
    attacker,
    visitor: () =>
      call(testApp, { email: '', identity: { tenantId: randomUUID(), userId: randomUUID(), role: 'visitor' } }),
    theirs: { ...theirs, member: members.theirs },
    same: { ...globexs, ...numbersOf(same), member: members.same },
    absent: absentThings(),
    etag: undefined,
    markers: [acme.marker, acme.id, owner.identity.userId, ...privateMarkers],
    privateMarkers,
    tokenOf: (caller) => issue(caller.identity),
    issue,
  };
}

/** What counts from 1 in every tenant. */
const numbersOf = ({ project, task, file, report }: Things) => ({ project, task, file, report });
