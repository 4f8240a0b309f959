import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import { TenantCache } from '../../isolation/cache/index.js';
import type { CreateProject, ListProjects, ProjectView, UpdateProject } from './project.dto.js';
import { ProjectsRepository } from './projects.repository.js';

@Injectable()
export class ProjectsService {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly cache: TenantCache,
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

  create(project: CreateProject): Promise<ProjectView> {
    return this.projects.create(project);
  }

  async update(number: number, changes: UpdateProject): Promise<ProjectView> {
    const project = await this.projects.update(number, changes);
    await this.cache.invalidateEntity('project', { number });
    return project;
  }

  async delete(number: number): Promise<void> {
    await this.projects.delete(number);
    await this.cache.invalidateEntity('project', { number });
  }
}
