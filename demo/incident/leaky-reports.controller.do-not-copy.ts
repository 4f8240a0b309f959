import { Controller, Post } from '@nestjs/common';
import { TenantContext } from '../../src/isolation/context/index.js';
import { LeakyReportWorkerDoNotCopy } from './leaky-report-worker.do-not-copy.js';

/** VULNERABLE. Who asks is verified, as everywhere; one of the two forgets to tell the worker. */
@Controller('incident/api/reports')
export class LeakyReportsControllerDoNotCopy {
  constructor(
    private readonly worker: LeakyReportWorkerDoNotCopy,
    private readonly context: TenantContext,
  ) {}

  @Post()
  request() {
    return this.worker.request(this.context.identity);
  }

  @Post('nightly')
  requestNightly() {
    return this.worker.request();
  }
}
