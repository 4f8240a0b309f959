import { Module } from '@nestjs/common';
import { BuildReportHandler } from './build-report.handler.js';
import { ReportsController } from './reports.controller.js';
import { ReportsRepository } from './reports.repository.js';
import { ReportsService } from './reports.service.js';

@Module({
  controllers: [ReportsController],
  providers: [ReportsService, ReportsRepository, BuildReportHandler],
})
export class ReportsModule {}
