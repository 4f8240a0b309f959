import { z } from 'zod';

/** A kind of thread that may be remembered: an ordered list of items. There is no other way to name a key than by one of these. */
export interface MemoryEntry<Item = unknown> {
  readonly name: string;
  /** Raise it when the shape of an item changes. */
  readonly version: number;
  /** Every user of a tenant has threads of their own: nothing is remembered for a tenant as a whole. */
  readonly scope: 'user';
  /** Since a thread was last used. */
  readonly ttlSeconds: number;
  /** Per user. Further ones are refused, because dropping the oldest would lose what somebody still wants. */
  readonly maximumThreads: number;
  /** Per thread; the oldest make room. */
  readonly maximumItems: number;
  /** Of an item as JSON, in UTF-8. */
  readonly maximumItemBytes: number;
  readonly item: z.ZodType<Item>;
}

/** A question, its answer, and the project or the project's task that each source of it is. */
const exchange = z.object({
  message: z.string(),
  answer: z.string(),
  sources: z.array(z.object({ project: z.int(), task: z.int().optional() })),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
});
export type Exchange = z.infer<typeof exchange>;

/** The registry: everything the application remembers. A test holds every key in Redis against it. */
export const memoryEntries = {
  conversation: entry({
    name: 'conversation',
    version: 1,
    scope: 'user',
    ttlSeconds: 7 * 24 * 60 * 60,
    maximumThreads: 20,
    maximumItems: 50,
    maximumItemBytes: 64 * 1024,
    item: exchange,
  }),
} as const;

function entry<Item>(definition: MemoryEntry<Item>): MemoryEntry<Item> {
  return Object.freeze(definition);
}
