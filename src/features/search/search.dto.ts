import { z } from 'zod';
import { pageQuery } from '../../common/pagination.js';
import { text } from '../../common/validation.js';

const kind = z.enum(['project', 'task']);

/** Where a row stands among what was found: by score, then kind, then number. */
export const Rank = z.tuple([z.int32(), kind, z.int32()]);
export type Rank = z.infer<typeof Rank>;

export const Search = pageQuery(Rank).extend({ q: text(1, 200) });
export type Search = z.infer<typeof Search>;

/** A project or task that was found, as clients see it. */
export interface SearchHit {
  readonly kind: z.infer<typeof kind>;
  /** Of the project: the one that was found, or the one that the task is in. */
  readonly project: number;
  readonly task?: number;
  readonly title: string;
  readonly status: string;
  /** Where the description says it; empty for a task. */
  readonly extract: string;
}

/** A project or task that has something to do with a text. */
export interface FoundRow extends Pick<SearchHit, 'kind' | 'title' | 'status' | 'extract'> {
  /** As the row says. */
  readonly tenantId: string;
  readonly number: number;
  readonly projectNumber: number;
  readonly score: number;
}
