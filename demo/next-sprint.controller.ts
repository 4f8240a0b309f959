import { Controller, Get, Param } from '@nestjs/common';
import { ProjectNumber } from '../src/features/projects/project.dto.js';
import { ProjectsService } from '../src/features/projects/projects.service.js';
import { cacheEntries, TenantCache } from '../src/isolation/cache/index.js';

/** The same feature of the next sprint, by the same somebody, written against the application's cache. */
@Controller('next-sprint/api/projects')
export class NextSprintController {
  constructor(
    private readonly projects: ProjectsService,
    private readonly cache: TenantCache,
  ) {}

  @Get(':number/summary')
  getSummary(@Param('number', { schema: ProjectNumber }) number: number) {
    const entry = { ...cacheEntries.project, name: 'project-summary' };
    return this.cache.wrap(entry, { number }, () => this.projects.get(number));
  }
}
