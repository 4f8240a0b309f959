import { Controller, Get } from '@nestjs/common';
import { ProblemError } from '../../common/errors.js';
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
}
