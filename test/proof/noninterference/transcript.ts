import { setTimeout as sleep } from 'node:timers/promises';
import { claimsOf } from '../matrix/tokens.js';

/** From when on what is dated belongs to which step. Milliseconds since the epoch. */
export interface Moment {
  readonly from: number;
  readonly label: string;
}

/**
 * A time that is after every time of the step before, however PostgreSQL, Redis and Node round to milliseconds, and before
 * every time of the next one. By the clock: a timer of 3 ms may end after 2 of the clock's.
 */
export async function laterMoment(): Promise<number> {
  const ended = Date.now();
  while (Date.now() < ended + 3) await sleep(1);
  return ended + 2;
}

/**
 * Makes two transcripts comparable, by these rules and no others: tokens are replaced by what they claim, less the second in
 * which they were made and that in which they end; ETags and UUIDs, those of tokens too, by the order in which they first
 * appear; and times by the step of A's in which they lie. A time at which B acted stays B's.
 */
export function normalise(told: readonly string[], moments: readonly Moment[]): string[] {
  const names = new Map<string, string>();
  const inOrder = (kind: string) => (text: string) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const name = `<${kind} ${String([...names.values()].filter((each) => each.startsWith(`<${kind} `)).length + 1)}>`;
    names.set(text, name);
    return name;
  };
  return told.map((text) =>
    text
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, claimed)
      .replaceAll(/^etag: .*$/gm, inOrder('etag'))
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, inOrder('uuid'))
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, (time) => `<time of ${momentOf(time, moments)}>`),
  );
}

function claimed(token: string): string {
  const { iat, exp, ...claims } = claimsOf(token);
  return `<token of ${JSON.stringify(claims)}${iat === undefined ? '' : ', dated'}${exp === undefined ? '' : ', ending'}>`;
}

function momentOf(time: string, moments: readonly Moment[]): string {
  return moments.findLast(({ from }) => from <= Date.parse(time))?.label ?? 'never';
}
