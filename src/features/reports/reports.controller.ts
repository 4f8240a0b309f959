import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { MinimumRole } from '../../isolation/http/index.js';
import { ListReports, ReportNumber, RequestReport } from './report.dto.js';
import { ReportsService } from './reports.service.js';

@Controller('api/reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get()
  list(@Query({ schema: ListReports }) query: ListReports) {
    return this.reports.list(query);
  }

  @Get(':number')
  get(@Param('number', { schema: ReportNumber }) number: number) {
    return this.reports.get(number);
  }

  @Post()
  @HttpCode(202)
  @MinimumRole('member')
  async request(
    @Body({ schema: RequestReport }) range: RequestReport,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const report = await this.reports.request(range);
    void reply.header('location', report.href);
    return report;
  }
}
