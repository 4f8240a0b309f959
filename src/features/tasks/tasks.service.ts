import { Injectable } from '@nestjs/common';
import { notFound, ProblemError } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import { EventPublisher, events } from '../../isolation/realtime/index.js';
import { MembersService } from '../members/members.service.js';
import { ProjectsService } from '../projects/projects.service.js';
import type { CreateTask, ListTasks, TaskView, UpdateTask } from './task.dto.js';
import { TasksRepository } from './tasks.repository.js';

@Injectable()
export class TasksService {
  constructor(
    private readonly tasks: TasksRepository,
    private readonly projects: ProjectsService,
    private readonly members: MembersService,
    private readonly events: EventPublisher,
  ) {}

  async list(projectNumber: number, query: ListTasks): Promise<Page<TaskView>> {
    await this.projects.get(projectNumber);
    const rows = await this.tasks.list(projectNumber, query);
    return page(rows, query.limit, ({ number }) => number);
  }

  async get(projectNumber: number, number: number): Promise<TaskView> {
    const task = await this.tasks.find(projectNumber, number);
    if (!task) throw notFound();
    return task;
  }

  async create(projectNumber: number, task: CreateTask): Promise<TaskView> {
    await this.projects.get(projectNumber);
    await this.#checkAssignee(task);
    const created = await this.tasks.create(projectNumber, task);
    await this.events.publish(events.taskCreated, { project: projectNumber, task: created.number });
    return created;
  }

  async update(projectNumber: number, number: number, changes: UpdateTask): Promise<TaskView> {
    await this.#checkAssignee(changes);
    const updated = await this.tasks.update(projectNumber, number, changes);
    await this.events.publish(events.taskUpdated, { project: projectNumber, task: number });
    return updated;
  }

  async delete(projectNumber: number, number: number): Promise<void> {
    await this.tasks.delete(projectNumber, number);
    await this.events.publish(events.taskDeleted, { project: projectNumber, task: number });
  }

  /** The foreign key would refuse another tenant's member; it does not see who has been removed from one's own. */
  async #checkAssignee({ assigneeId }: { assigneeId?: string | null }): Promise<void> {
    if (assigneeId && !(await this.members.isActive(assigneeId))) throw new ProblemError('unknown-assignee');
  }
}
