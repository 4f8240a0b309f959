import { Injectable } from '@nestjs/common';
import { notFound, ProblemError } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import { isMissingReference } from '../../isolation/database/index.js';
import { ProjectsService } from '../projects/projects.service.js';
import type { CreateTask, ListTasks, TaskView, UpdateTask } from './task.dto.js';
import { TasksRepository } from './tasks.repository.js';

@Injectable()
export class TasksService {
  constructor(
    private readonly tasks: TasksRepository,
    private readonly projects: ProjectsService,
  ) {}

  async list(projectNumber: number, query: ListTasks): Promise<Page<TaskView>> {
    await this.projects.get(projectNumber);
    const rows = await this.tasks.list(projectNumber, query);
    return page(
      rows,
      query.limit,
      ({ number }) => number,
      (task) => task,
    );
  }

  async get(projectNumber: number, number: number): Promise<TaskView> {
    const task = await this.tasks.find(projectNumber, number);
    if (!task) throw notFound();
    return task;
  }

  async create(projectNumber: number, task: CreateTask): Promise<TaskView> {
    await this.projects.get(projectNumber);
    return this.tasks.create(projectNumber, task).catch(refuseUnknownAssignee);
  }

  update(projectNumber: number, number: number, changes: UpdateTask): Promise<TaskView> {
    return this.tasks.update(projectNumber, number, changes).catch(refuseUnknownAssignee);
  }

  delete(projectNumber: number, number: number): Promise<void> {
    return this.tasks.delete(projectNumber, number);
  }
}

/** The foreign key says it, for nobody and for another tenant's member alike. */
function refuseUnknownAssignee(error: unknown): never {
  if (isMissingReference(error)) throw new ProblemError('unknown-assignee');
  throw error;
}
