import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ProjectNumber } from '../../src/features/projects/project.dto.js';
import { ProjectsService } from '../../src/features/projects/projects.service.js';
import { LeakyProjectCacheDoNotCopy } from './leaky-project-cache.do-not-copy.js';
import { NaivelyFixedProjectCacheDoNotCopy } from './naively-fixed-project-cache.do-not-copy.js';

/**
 * VULNERABLE. Guard, token, validation, service, repository and database are the application's own,
 * and were correct: everything that is wrong is in the two caches.
 */
@Controller('incident')
export class LeakyProjectsControllerDoNotCopy {
  constructor(
    private readonly projects: ProjectsService,
    private readonly leaky: LeakyProjectCacheDoNotCopy,
    private readonly naivelyFixed: NaivelyFixedProjectCacheDoNotCopy,
  ) {}

  @Get('api/projects/:number')
  async get(
    @Param('number', { schema: ProjectNumber }) number: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return answer(reply, await this.leaky.wrap(number, () => this.projects.get(number)));
  }

  @Get('naive-fix/api/projects/:number')
  async getFixed(
    @Param('number', { schema: ProjectNumber }) number: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return answer(reply, await this.naivelyFixed.wrapProject(number, () => this.projects.get(number)));
  }

  @Get('naive-fix/api/projects/:number/summary')
  async getSummary(
    @Param('number', { schema: ProjectNumber }) number: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const load = async () => {
      const { name, status } = await this.projects.get(number);
      return { number, name, status };
    };
    return answer(reply, await this.naivelyFixed.wrapSummary(number, load));
  }
}

function answer<T>(reply: FastifyReply, { isHit, value }: { isHit: boolean; value: T }): T {
  void reply.header('x-cache', isHit ? 'HIT' : 'MISS');
  return value;
}
