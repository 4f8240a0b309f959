import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ProblemError } from '../../common/errors.js';
import { Canary } from '../../isolation/canary/index.js';
import { TenantCache } from '../../isolation/cache/index.js';
import { DatabaseHealth } from '../../isolation/database/index.js';
import { Public } from '../../isolation/http/index.js';
import { Sessions } from '../../isolation/sessions/index.js';

@Controller('health')
@Public('probes carry no token; the answers name no tenant')
export class HealthController {
  constructor(
    private readonly database: DatabaseHealth,
    private readonly cache: TenantCache,
    private readonly sessions: Sessions,
    private readonly canary: Canary,
  ) {}

  /** The process runs. */
  @Get('live')
  live() {
    return { status: 'ok' };
  }

  /** Requests can be served. Without the cache they still can, only slower. */
  @Get('ready')
  async ready() {
    if (!(await this.database.isReachable())) throw new ProblemError('unavailable', { database: 'down' });
    if (!(await this.sessions.isReachable())) throw new ProblemError('unavailable', { sessions: 'down' });
    return { status: 'ok', database: 'up', sessions: 'up', cache: this.cache.isReachable ? 'up' : 'down' };
  }

  /** Nobody is shown what is another's, as far as this process can tell. An alarm, and no reason to restart anything. */
  @Get('isolation')
  isolation(@Res({ passthrough: true }) reply: FastifyReply) {
    const { status, failing, refused, unknown, lastRunAt } = this.canary.health;
    if (status !== 'failing') return { status, unknown, lastRunAt };
    // Not thrown: what has failed is in the log, and need not be there again each time that somebody asks.
    const problem = new ProblemError('isolation-alarm', { failing, refused, lastRunAt }).toProblem();
    void reply.status(problem.status).type('application/problem+json');
    return problem;
  }
}
