import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase } from '../../isolation/database/index.js';
import type { CreateTask, ListTasks, TaskView, UpdateTask } from './task.dto.js';

const view = {
  number: true,
  projectNumber: true,
  title: true,
  status: true,
  assigneeId: true,
  createdAt: true,
  updatedAt: true,
} as const;

@Injectable()
export class TasksRepository {
  constructor(
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
  ) {}

  /** Oldest first; one more than the limit, if there are more. */
  list(projectNumber: number, { limit, cursor, status }: ListTasks): Promise<TaskView[]> {
    const { tenantId } = this.context;
    const number = cursor === undefined ? undefined : { gt: cursor };
    return this.database.task.findMany({
      where: { tenantId, projectNumber, number, status },
      orderBy: { number: 'asc' },
      take: limit + 1,
      select: view,
    });
  }

  find(projectNumber: number, number: number): Promise<TaskView | null> {
    const { tenantId } = this.context;
    return this.database.task.findFirst({ where: { tenantId, projectNumber, number }, select: view });
  }

  create(projectNumber: number, task: CreateTask): Promise<TaskView> {
    return this.database.task.create({ data: { ...task, projectNumber }, select: view });
  }

  update(projectNumber: number, number: number, changes: UpdateTask): Promise<TaskView> {
    return this.database.task.update({ where: this.#key(projectNumber, number), data: changes, select: view });
  }

  async delete(projectNumber: number, number: number): Promise<void> {
    await this.database.task.delete({ where: this.#key(projectNumber, number), select: { number: true } });
  }

  #key(projectNumber: number, number: number) {
    return { tenantId_number: { tenantId: this.context.tenantId, number }, projectNumber };
  }
}
