import { Module } from '@nestjs/common';
import { AppModule } from '../src/app.module.js';
import { ProjectsModule } from '../src/features/projects/projects.module.js';
import { QueueWorkerModule } from '../src/isolation/queue/index.js';
import { IncidentModule } from './incident/incident.module.js';
import { LabController } from './lab/lab.controller.js';
import { NextSprintController } from './next-sprint.controller.js';

/** The real application, with its worker, and the incident side by side: same process, database, Redis and tokens. */
@Module({
  imports: [AppModule, QueueWorkerModule, ProjectsModule, IncidentModule],
  controllers: [NextSprintController, LabController],
})
export class DemoModule {}
