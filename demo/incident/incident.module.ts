import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import type { RedisStore } from 'cache-manager-ioredis-yet';
import { ProjectsModule } from '../../src/features/projects/projects.module.js';
import { IncidentProbe } from './incident.probe.js';
import { INCIDENT_CACHE, incidentCacheProvider } from './incident-cache.js';
import { LeakyProjectCacheDoNotCopy } from './leaky-project-cache.do-not-copy.js';
import { LeakyProjectsControllerDoNotCopy } from './leaky-projects.controller.do-not-copy.js';
import { LeakyReportWorkerDoNotCopy } from './leaky-report-worker.do-not-copy.js';
import { LeakyReportsControllerDoNotCopy } from './leaky-reports.controller.do-not-copy.js';
import { NaivelyFixedProjectCacheDoNotCopy } from './naively-fixed-project-cache.do-not-copy.js';

/** The only vulnerable code of this repository. Loaded by the demo, its tests and the benchmark; refuses production. */
@Module({
  imports: [ProjectsModule],
  controllers: [LeakyProjectsControllerDoNotCopy, LeakyReportsControllerDoNotCopy],
  providers: [
    incidentCacheProvider,
    LeakyProjectCacheDoNotCopy,
    NaivelyFixedProjectCacheDoNotCopy,
    LeakyReportWorkerDoNotCopy,
    IncidentProbe,
  ],
  exports: [INCIDENT_CACHE],
})
export class IncidentModule implements OnApplicationShutdown {
  constructor(@Inject(INCIDENT_CACHE) private readonly cache: Cache<RedisStore>) {
    if (process.env['NODE_ENV'] === 'production')
      throw new Error('The incident is vulnerable on purpose: not in production.');
  }

  onApplicationShutdown(): void {
    (this.cache.store.client as { disconnect(): void }).disconnect();
  }
}
