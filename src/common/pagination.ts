import { z } from 'zod';
import { positiveInteger } from './validation.js';

/** One page, and where the next one starts; null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

const defaultLimit = 20;
const maximumLimit = 100;

/**
 * `?limit=&cursor=`. The cursor is the position of the last item seen, opaque to clients; it names
 * no tenant, so one taken from another tenant only says where to start in one's own list.
 * @param position what an item's position is, as the list is ordered
 */
export function pageQuery<Position>(position: z.ZodType<Position>) {
  const cursor = z.base64url().transform((value, context) => {
    const parsed = position.safeParse(decode(value));
    if (parsed.success) return parsed.data;
    context.addIssue('must be a nextCursor of an earlier page');
    return z.NEVER;
  });
  const limit = positiveInteger.refine((value) => value <= maximumLimit, `must be at most ${String(maximumLimit)}`);
  return z.strictObject({ limit: limit.default(defaultLimit), cursor: cursor.optional() });
}

/** @param rows up to `limit + 1` rows: one more than the page holds says that there is a next one */
export function page<Item>(rows: readonly Item[], limit: number, positionOf: (row: Item) => unknown): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? encode(positionOf(last)) : null };
}

function encode(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
  } catch {
    return undefined;
  }
}
