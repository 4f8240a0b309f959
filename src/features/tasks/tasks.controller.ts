import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { MinimumRole } from '../../isolation/http/index.js';
import { ProjectNumber } from '../projects/project.dto.js';
import { CreateTask, ListTasks, TaskNumber, UpdateTask } from './task.dto.js';
import { TasksService } from './tasks.service.js';

@Controller('api/projects/:project/tasks')
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  @Get()
  list(@Param('project', { schema: ProjectNumber }) project: number, @Query({ schema: ListTasks }) query: ListTasks) {
    return this.tasks.list(project, query);
  }

  @Get(':number')
  get(
    @Param('project', { schema: ProjectNumber }) project: number,
    @Param('number', { schema: TaskNumber }) number: number,
  ) {
    return this.tasks.get(project, number);
  }

  @Post()
  @MinimumRole('member')
  create(@Param('project', { schema: ProjectNumber }) project: number, @Body({ schema: CreateTask }) task: CreateTask) {
    return this.tasks.create(project, task);
  }

  @Patch(':number')
  @MinimumRole('member')
  update(
    @Param('project', { schema: ProjectNumber }) project: number,
    @Param('number', { schema: TaskNumber }) number: number,
    @Body({ schema: UpdateTask }) changes: UpdateTask,
  ) {
    return this.tasks.update(project, number, changes);
  }

  @Delete(':number')
  @HttpCode(204)
  @MinimumRole('member')
  delete(
    @Param('project', { schema: ProjectNumber }) project: number,
    @Param('number', { schema: TaskNumber }) number: number,
  ) {
    return this.tasks.delete(project, number);
  }
}
