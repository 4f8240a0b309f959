import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import { jobs, JobQueue } from '../../isolation/queue/index.js';
import { EventPublisher, events } from '../../isolation/realtime/index.js';
import type { ListReports, ReportResult, ReportView, RequestReport } from './report.dto.js';
import { ReportsRepository } from './reports.repository.js';

type Row = NonNullable<Awaited<ReturnType<ReportsRepository['find']>>>;

@Injectable()
export class ReportsService {
  constructor(
    private readonly reports: ReportsRepository,
    private readonly queue: JobQueue,
    private readonly events: EventPublisher,
  ) {}

  async list(query: ListReports): Promise<Page<ReportView>> {
    const rows = await this.reports.list(query);
    return page(rows.map(viewOf), query.limit, ({ number }) => number);
  }

  async get(number: number): Promise<ReportView> {
    const report = await this.reports.find(number);
    if (!report) throw notFound();
    return viewOf(report);
  }

  /** The report is accepted with the job that makes it, or not at all. */
  async request(range: RequestReport): Promise<ReportView> {
    const report = await this.reports.create(range, (number, transaction) =>
      this.queue.add(transaction, jobs.buildReport, { report: number }),
    );
    await this.events.publish(events.reportRequested, { report: report.number });
    return viewOf(report);
  }
}

function viewOf({ number, fromDate, toDate, status, result, createdAt, finishedAt }: Row): ReportView {
  return {
    number,
    href: `/api/reports/${String(number)}`,
    ...rangeOf({ fromDate, toDate }),
    status,
    result: result as unknown as ReportResult | null,
    createdAt,
    finishedAt,
  };
}

export function rangeOf({ fromDate, toDate }: Pick<Row, 'fromDate' | 'toDate'>): RequestReport {
  const day = (date: Date) => date.toISOString().slice(0, 10);
  return { from: day(fromDate), to: day(toDate) };
}
