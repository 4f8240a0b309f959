import { Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AcceptsUpload, withUpload } from '../../common/upload.js';
import { Linkable, MinimumRole } from '../../isolation/http/index.js';
import { ProjectNumber } from '../projects/project.dto.js';
import { FileNumber, ListFiles } from './file.dto.js';
import { FilesService } from './files.service.js';

@Controller('api/projects/:project/files')
export class FilesController {
  constructor(private readonly files: FilesService) {}

  @Get()
  list(@Param('project', { schema: ProjectNumber }) project: number, @Query({ schema: ListFiles }) query: ListFiles) {
    return this.files.list(project, query);
  }

  @Get(':number')
  get(
    @Param('project', { schema: ProjectNumber }) project: number,
    @Param('number', { schema: FileNumber }) number: number,
  ) {
    return this.files.get(project, number);
  }

  /** Nothing in it is shown or run where the application's own pages are. */
  @Get(':number/content')
  @Header('content-security-policy', "default-src 'none'; sandbox")
  @Linkable('a browser that downloads sends no token')
  content(
    @Param('project', { schema: ProjectNumber }) project: number,
    @Param('number', { schema: FileNumber }) number: number,
  ) {
    return this.files.content(project, number);
  }

  @Post()
  @AcceptsUpload()
  @MinimumRole('member')
  upload(@Param('project', { schema: ProjectNumber }) project: number, @Req() request: FastifyRequest) {
    return withUpload(request, (upload) => this.files.upload(project, upload));
  }

  /** A viewer may read a file, and may not let others read it. */
  @Post(':number/link')
  @MinimumRole('member')
  link(
    @Param('project', { schema: ProjectNumber }) project: number,
    @Param('number', { schema: FileNumber }) number: number,
  ) {
    return this.files.link(project, number);
  }

  @Delete(':number')
  @HttpCode(204)
  @MinimumRole('member')
  delete(
    @Param('project', { schema: ProjectNumber }) project: number,
    @Param('number', { schema: FileNumber }) number: number,
  ) {
    return this.files.delete(project, number);
  }
}
