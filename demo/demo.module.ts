import { Module } from '@nestjs/common';
import { AppModule } from '../src/app.module.js';
import { ProjectsModule } from '../src/features/projects/projects.module.js';
import { IncidentModule } from './incident/incident.module.js';
import { LabController } from './lab/lab.controller.js';
import { NextSprintController } from './next-sprint.controller.js';

/** The real application and the incident side by side: same process, database, Redis and tokens. */
@Module({ imports: [AppModule, ProjectsModule, IncidentModule], controllers: [NextSprintController, LabController] })
export class DemoModule {}
