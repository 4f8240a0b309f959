import { Injectable } from '@nestjs/common';
import { cacheEntries, TenantCache } from '../../isolation/cache/index.js';
import type { TenantTransaction } from '../../isolation/database/index.js';
import { JobHandlers, jobs, type JobHandler } from '../../isolation/queue/index.js';
import { EventPublisher, events } from '../../isolation/realtime/index.js';
import type { ReportResult, RequestReport, TaskCounts } from './report.dto.js';
import { ReportsRepository } from './reports.repository.js';
import { rangeOf } from './reports.service.js';

/** In the worker: computes a report, and keeps the result with it. */
@Injectable()
export class BuildReportHandler implements JobHandler<{ report: number }> {
  constructor(
    private readonly reports: ReportsRepository,
    private readonly cache: TenantCache,
    private readonly events: EventPublisher,
    handlers: JobHandlers,
  ) {
    handlers.register(jobs.buildReport, this);
  }

  async handle({ report: number }: { report: number }, transaction: TenantTransaction): Promise<void> {
    const report = await this.reports.find(number, transaction);
    if (!report) return;
    const range = rangeOf(report);
    const result = await this.cache.wrap(cacheEntries.reportResult, range, () => this.#compute(range, transaction));
    if (result) await this.reports.finish(number, result, transaction);
  }

  async abandon({ report: number }: { report: number }, transaction: TenantTransaction): Promise<void> {
    await this.reports.finish(number, null, transaction);
  }

  ended({ report }: { report: number }): Promise<void> {
    return this.events.publish(events.reportFinished, { report });
  }

  async #compute(range: RequestReport, transaction: TenantTransaction): Promise<ReportResult> {
    const projects = await this.reports.countTasks(range, transaction);
    const sum = (count: keyof TaskCounts) => projects.reduce((total, project) => total + project[count], 0);
    return { created: sum('created'), done: sum('done'), projects };
  }
}
