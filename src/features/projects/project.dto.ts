import { z } from 'zod';
import { pageQuery } from '../../common/pagination.js';
import { changesOf, numberInPath, text } from '../../common/validation.js';

const status = z.enum(['active', 'archived']);

export const ProjectNumber = numberInPath;

export const ListProjects = pageQuery(z.int32()).extend({ status: status.optional() });
export type ListProjects = z.infer<typeof ListProjects>;

export const CreateProject = z.strictObject({ name: text(1, 200), description: text(0, 10_000).default('') });
export type CreateProject = z.infer<typeof CreateProject>;

export const UpdateProject = changesOf({ name: text(1, 200), description: text(0, 10_000), status });
export type UpdateProject = z.infer<typeof UpdateProject>;

/** A project as clients see it. Its number counts from 1 in every tenant. */
export interface ProjectView {
  readonly number: number;
  readonly name: string;
  readonly description: string;
  readonly status: z.infer<typeof status>;
  /** ISO 8601, UTC. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
