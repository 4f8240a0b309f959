import { z } from 'zod';
import type { Role } from '../context/index.js';

/** Work that outlives the request which asks for it. There is no other way to name a job than by one of these. */
export interface Job<Payload = unknown> {
  readonly name: string;
  /** Every job acts for the member who added it: with the role they have when it runs, which must be at least this. */
  readonly minimumRole: Role;
  /** Numbers and ids, never contents: payloads lie in Redis in clear text. */
  readonly payload: z.ZodType<Payload>;
  /** How often it is tried, with growing pauses, before it has failed. Time without PostgreSQL does not count. */
  readonly attempts: number;
  /** One attempt that takes longer is rolled back. */
  readonly timeoutMs: number;
}

/** The registry: everything that is done after its request. */
export const jobs = {
  buildReport: job({
    name: 'build-report',
    minimumRole: 'member',
    payload: z.strictObject({ report: z.int().positive() }),
    attempts: 3,
    timeoutMs: 30_000,
  }),
  probeCanary: job({
    name: 'probe-canary',
    minimumRole: 'member',
    payload: z.strictObject({ task: z.int().positive() }),
    attempts: 1,
    timeoutMs: 5000,
  }),
} as const;

const byName = new Map<string, Job>(Object.values(jobs).map((each) => [each.name, each]));

export function jobNamed(name: string): Job | undefined {
  return byName.get(name);
}

/** @throws Error for a job that is not in the registry, however it was made */
export function assertRegistered(job: Pick<Job, 'name'>): void {
  if (byName.get(job.name) === job) return;
  throw new Error(`The job "${job.name}" is not registered. Add it to src/isolation/queue/jobs.ts.`);
}

function job<Payload>(definition: Job<Payload>): Job<Payload> {
  return Object.freeze(definition);
}
