import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase, type TenantTransaction } from '../../isolation/database/index.js';
import type { ListReports, ReportResult, RequestReport } from './report.dto.js';

const view = {
  number: true,
  fromDate: true,
  toDate: true,
  status: true,
  result: true,
  createdAt: true,
  finishedAt: true,
} as const;

@Injectable()
export class ReportsRepository {
  constructor(
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
  ) {}

  /** Newest first; one more than the limit, if there are more. */
  list({ limit, cursor }: ListReports) {
    const { tenantId } = this.context;
    const number = cursor === undefined ? undefined : { lt: cursor };
    return this.database.report.findMany({
      where: { tenantId, number },
      orderBy: { number: 'desc' },
      take: limit + 1,
      select: view,
    });
  }

  find(number: number, database: TenantTransaction = this.database) {
    return database.report.findFirst({ where: { tenantId: this.context.tenantId, number }, select: view });
  }

  /** Creates a report and, in the same transaction, whatever `then` adds to it. */
  create({ from, to }: RequestReport, then: (number: number, transaction: TenantTransaction) => Promise<void>) {
    const data = { requestedBy: this.context.userId, fromDate: new Date(from), toDate: new Date(to) };
    return this.database.$transaction(async (transaction) => {
      const report = await transaction.report.create({ data, select: view });
      await then(report.number, transaction);
      return report;
    });
  }

  /** Ends the report; null when it has failed. */
  async finish(number: number, result: ReportResult | null, transaction: TenantTransaction): Promise<void> {
    await transaction.report.updateMany({
      where: { tenantId: this.context.tenantId, number },
      data: result ? { status: 'done', result, finishedAt: new Date() } : { status: 'failed', finishedAt: new Date() },
    });
  }

  /** Per project, in the order of their numbers. */
  countTasks({ from, to }: RequestReport, transaction: TenantTransaction): Promise<ReportResult['projects'][number][]> {
    const { tenantId } = this.context;
    return transaction.$queryRaw`
      WITH range AS (SELECT ${from}::date AT TIME ZONE 'UTC' AS start, (${to}::date + 1) AT TIME ZONE 'UTC' AS stop)
      SELECT project.number, project.name,
             count(*) FILTER (WHERE task.created_at >= range.start AND task.created_at < range.stop)::int AS created,
             count(*) FILTER (WHERE task.status = 'done' AND task.updated_at >= range.start
                                                         AND task.updated_at < range.stop)::int AS done
        FROM projects AS project
       CROSS JOIN range
        LEFT JOIN tasks AS task ON task.tenant_id = project.tenant_id AND task.project_number = project.number
       WHERE project.tenant_id = ${tenantId}::uuid
       GROUP BY project.number, project.name
       ORDER BY project.number`;
  }
}
