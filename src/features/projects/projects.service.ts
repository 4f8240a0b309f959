import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import { cacheEntries, TenantCache } from '../../isolation/cache/index.js';
import { EventPublisher, events } from '../../isolation/realtime/index.js';
import type { CreateProject, ListProjects, ProjectView, UpdateProject } from './project.dto.js';
import { ProjectsRepository } from './projects.repository.js';

@Injectable()
export class ProjectsService {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly cache: TenantCache,
    private readonly events: EventPublisher,
  ) {}

  async list(query: ListProjects): Promise<Page<ProjectView>> {
    const rows = await this.projects.list(query);
    return page(rows, query.limit, ({ number }) => number);
  }

  async get(number: number): Promise<ProjectView> {
    const project = await this.projects.find(number);
    if (!project) throw notFound();
    return project;
  }

  async create(project: CreateProject): Promise<ProjectView> {
    const created = await this.projects.create(project);
    await this.events.publish(events.projectCreated, { project: created.number });
    return created;
  }

  async update(number: number, changes: UpdateProject): Promise<ProjectView> {
    const project = await this.projects.update(number, changes);
    await this.cache.invalidateEntity(cacheEntries.project, { number });
    await this.events.publish(events.projectUpdated, { project: number });
    return project;
  }

  async delete(number: number): Promise<void> {
    await this.projects.delete(number);
    await this.cache.invalidateEntity(cacheEntries.project, { number });
    await this.events.publish(events.projectDeleted, { project: number });
  }
}
