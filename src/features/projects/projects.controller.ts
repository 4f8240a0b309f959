import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { cacheEntries, Cached } from '../../isolation/cache/index.js';
import { MinimumRole } from '../../isolation/http/index.js';
import { CreateProject, ListProjects, ProjectNumber, UpdateProject } from './project.dto.js';
import { ProjectsService } from './projects.service.js';

@Controller('api/projects')
export class ProjectsController {
  constructor(private readonly projects: ProjectsService) {}

  @Get()
  list(@Query({ schema: ListProjects }) query: ListProjects) {
    return this.projects.list(query);
  }

  @Get(':number')
  @Cached(cacheEntries.project)
  get(@Param('number', { schema: ProjectNumber }) number: number) {
    return this.projects.get(number);
  }

  @Post()
  @MinimumRole('member')
  create(@Body({ schema: CreateProject }) project: CreateProject) {
    return this.projects.create(project);
  }

  @Patch(':number')
  @MinimumRole('member')
  update(
    @Param('number', { schema: ProjectNumber }) number: number,
    @Body({ schema: UpdateProject }) changes: UpdateProject,
  ) {
    return this.projects.update(number, changes);
  }

  @Delete(':number')
  @HttpCode(204)
  @MinimumRole('member')
  delete(@Param('number', { schema: ProjectNumber }) number: number) {
    return this.projects.delete(number);
  }
}
