import { z } from 'zod';
import { pageQuery } from '../../common/pagination.js';
import { changesOf, numberInPath, text } from '../../common/validation.js';

const status = z.enum(['open', 'done']);
const assigneeId = z.uuid().nullable();

export const TaskNumber = numberInPath;

export const ListTasks = pageQuery(z.int32()).extend({ status: status.optional() });
export type ListTasks = z.infer<typeof ListTasks>;

export const CreateTask = z.strictObject({ title: text(1, 500), assigneeId: assigneeId.default(null) });
export type CreateTask = z.infer<typeof CreateTask>;

export const UpdateTask = changesOf({ title: text(1, 500), status, assigneeId });
export type UpdateTask = z.infer<typeof UpdateTask>;

/** A task as clients see it. Its number counts from 1 in every tenant, across its projects. */
export interface TaskView {
  readonly number: number;
  readonly projectNumber: number;
  readonly title: string;
  readonly status: z.infer<typeof status>;
  /** The member who does it. */
  readonly assigneeId: string | null;
  /** ISO 8601, UTC. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
