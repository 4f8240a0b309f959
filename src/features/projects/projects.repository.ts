import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase } from '../../isolation/database/index.js';
import type { CreateProject, ListProjects, ProjectView, UpdateProject } from './project.dto.js';

const view = { number: true, name: true, description: true, status: true, createdAt: true, updatedAt: true } as const;

/**
 * Every query names the tenant, as it did on the day of the incident, and row-level security would
 * hold without it. Creating names none: the column's default takes it from the transaction.
 */
@Injectable()
export class ProjectsRepository {
  constructor(
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
  ) {}

  /** Newest first; one more than the limit, if there are more. */
  list({ limit, cursor, status }: ListProjects): Promise<ProjectView[]> {
    const { tenantId } = this.context;
    const number = cursor === undefined ? undefined : { lt: cursor };
    return this.database.project.findMany({
      where: { tenantId, number, status },
      orderBy: { number: 'desc' },
      take: limit + 1,
      select: view,
    });
  }

  find(number: number): Promise<ProjectView | null> {
    return this.database.project.findFirst({ where: { tenantId: this.context.tenantId, number }, select: view });
  }

  create(project: CreateProject): Promise<ProjectView> {
    return this.database.project.create({ data: project, select: view });
  }

  update(number: number, changes: UpdateProject): Promise<ProjectView> {
    return this.database.project.update({ where: this.#key(number), data: changes, select: view });
  }

  async delete(number: number): Promise<void> {
    await this.database.project.delete({ where: this.#key(number), select: { number: true } });
  }

  #key(number: number) {
    return { tenantId_number: { tenantId: this.context.tenantId, number } };
  }
}
