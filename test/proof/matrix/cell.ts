import type pg from 'pg';
import type { DeclaredRoute } from '../../isolation/http/inventory.js';
import { comparable } from '../../isolation/http/rows.js';
import { nobodyListens } from '../../isolation/realtime/listening.js';
import type { Answer } from '../../support/client.js';
import type { Attack, Means } from './attacks.js';
import { askForAbsent, attempt } from './attempt.js';
import type { Row } from './row.js';
import { fill, namedIn, type Things } from './things.js';

/** One attack on one route. */
export interface Cell {
  readonly attack: string;
  /** refused: as what does not exist; own: about the attacker's own; none: there is nothing to attack; leak: it is a finding. */
  readonly verdict: 'refused' | 'own' | 'none' | 'leak';
  readonly sent: string;
  readonly came: string;
  readonly why: string;
  readonly findings: readonly string[];
}

/** What the victim has, as the database has it and as they are told. */
export interface Seen {
  readonly rows: string;
  readonly answer: string;
}
export type Witness = () => Promise<Seen>;

/**
 * @param before what the victim has; what they have after one attack is what the next is held against, so that each
 * finding is that of the attack that made it
 */
export async function attackCell(
  route: DeclaredRoute,
  row: Row,
  attack: Attack,
  witness: Witness,
  before: Seen,
): Promise<{ readonly cell: Cell; readonly after: Seen }> {
  const reason = attack.inapplicable(route, row.declaration);
  if (reason !== undefined)
    return {
      cell: { attack: attack.name, verdict: 'none', sent: '', came: '', why: reason, findings: [] },
      after: before,
    };
  const means = await attack.means(row);
  const { sent, answer } = await attempt(row, route.method, means, row[attack.target]);
  const after = await witness();
  const isRefusal = attack.target === 'theirs';
  const absent = isRefusal ? (await askForAbsent(row, route.method, await attack.means(row))).answer : undefined;
  const isOwnChange = attack.isColleague && attack.target === 'same'; // of the same tenant's rows
  const findings = [
    ...markersIn(row, attack, answer),
    ...(absent ? refusalFindings(attack, answer, absent) : ownFindings(row, attack, means, answer)),
    ...(before.rows !== after.rows && !isOwnChange ? ['rows of the victim’s have changed'] : []),
    ...(before.answer !== after.answer ? ['the victim is answered differently'] : []),
  ];
  const cell: Cell = {
    attack: attack.name,
    verdict: findings.length > 0 ? 'leak' : isRefusal ? 'refused' : 'own',
    sent,
    came: `${String(answer.status)} ${answer.text.slice(0, 160)}`,
    why: attack.why,
    findings,
  };
  return { cell, after };
}

function markersIn({ markers, privateMarkers }: Row, { isColleague }: Attack, answer: Answer): string[] {
  const told = [answer.text, ...[...answer.headers].map(([, value]) => value)].join('\n');
  const held = (isColleague ? privateMarkers : markers).filter((marker) => told.includes(marker));
  return held.map((marker) => `the answer holds the victim’s ${marker}`);
}

function refusalFindings({ status }: Attack, answer: Answer, absent: Answer): string[] {
  const came = `it came ${String(answer.status)}`;
  if (answer.status < 400 || answer.status >= 500) return [`it is not refused: ${came}`];
  if (status !== undefined && answer.status !== status) return [`it must be ${String(status)}: ${came}`];
  if (status === undefined && answer.status === 403)
    return ['403 says that there is something: it must be as for nothing'];
  const isSame = JSON.stringify(comparable(answer)) === JSON.stringify(comparable(absent));
  return isSame ? [] : [`it differs from what does not exist: ${came}, and there ${String(absent.status)}`];
}

/** The attacker's own answer may be any but one that says that the victim's representation is theirs. */
function ownFindings({ etag }: Row, { mustSucceed }: Attack, { headers = {} }: Means, answer: Answer): string[] {
  if (mustSucceed && answer.status >= 300) return [`the attacker does not get their own: ${String(answer.status)}`];
  if (answer.status >= 500) return [`it failed: ${String(answer.status)}`];
  const isOwners = etag !== undefined && headers['if-none-match'] === etag;
  return isOwners && answer.status === 304 ? ['the owner’s ETag is the attacker’s, too'] : [];
}

const witnesses: Partial<Record<keyof Things, string>> = {
  project: '/api/projects/{project}',
  task: '/api/projects/{project}/tasks/{task}',
  file: '/api/projects/{project}/files/{file}/content',
  report: '/api/reports/{report}',
  member: '/api/members/{member}',
  session: '/api/auth/sessions',
  thread: '/api/assistant/threads/{thread}',
};

/** How the owner sees that the thing is what it was. */
export function witnessOf(route: DeclaredRoute, row: Row, database: pg.Client, snapshot: string): Witness {
  const { declaration, owner, stage, theirs } = row;
  const named = namedIn(declaration.path).at(-1);
  const ownPath = route.method === 'GET' && declaration.of !== 'nobody' ? declaration.path : '/api/scratchpad';
  const path = fill((named && witnesses[named]) ?? ownPath, theirs);
  return async () => {
    await nobodyListens(stage.testApp); // who has hung up is one stream of the few that a user may have until that is noticed
    const [{ rows }, { status, text }] = await Promise.all([
      database.query(snapshot, [stage.world.acme.id]),
      owner.client.get(path),
    ]);
    return { rows: JSON.stringify(rows), answer: `${String(status)} ${text}` };
  };
}
