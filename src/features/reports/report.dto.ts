import { z } from 'zod';
import { pageQuery } from '../../common/pagination.js';
import { numberInPath } from '../../common/validation.js';

const longestRangeDays = 366;
const dayMs = 86_400_000;
/** A calendar day in UTC, "2026-11-21". */
const day = z.iso.date().refine((value) => value >= '1970-01-01', 'must not be before 1970');

export const ReportNumber = numberInPath;

export const ListReports = pageQuery(z.int32());
export type ListReports = z.infer<typeof ListReports>;

/** Both days are part of the report. */
export const RequestReport = z
  .strictObject({ from: day, to: day })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before from' })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < longestRangeDays * dayMs, {
    path: ['to'],
    message: `must be at most ${String(longestRangeDays)} days`,
  });
export type RequestReport = z.infer<typeof RequestReport>;

// Types and not interfaces: only these may be stored as JSON.
export type TaskCounts = {
  /** Tasks created in the range. */
  readonly created: number;
  /** Tasks that are done, and were last changed in the range. */
  readonly done: number;
};
export type ReportResult = TaskCounts & {
  readonly projects: readonly (TaskCounts & { readonly number: number; readonly name: string })[];
};

/** A report as clients see it. Its number counts from 1 in every tenant. */
export interface ReportView extends RequestReport {
  readonly number: number;
  readonly href: string;
  readonly status: 'queued' | 'done' | 'failed';
  /** Null until it is done. */
  readonly result: ReportResult | null;
  /** ISO 8601, UTC. */
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}
