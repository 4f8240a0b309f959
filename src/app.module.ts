import { Module } from '@nestjs/common';
import { ConfigModule } from './config/index.js';
import { AssistantModule } from './features/assistant/assistant.module.js';
import { AuthModule } from './features/auth/auth.module.js';
import { FilesModule } from './features/files/files.module.js';
import { HealthModule } from './features/health/health.module.js';
import { MembersModule } from './features/members/members.module.js';
import { ProjectsModule } from './features/projects/projects.module.js';
import { ReportsModule } from './features/reports/reports.module.js';
import { ScratchpadModule } from './features/scratchpad/scratchpad.module.js';
import { SearchModule } from './features/search/search.module.js';
import { TasksModule } from './features/tasks/tasks.module.js';
import { TenantsModule } from './features/tenants/tenants.module.js';
import { VisitorsModule } from './features/visitors/visitors.module.js';
import { AuditModule } from './isolation/audit/index.js';
import { CanaryModule } from './isolation/canary/index.js';
import { CacheModule } from './isolation/cache/index.js';
import { ContextModule } from './isolation/context/index.js';
import { DatabaseModule } from './isolation/database/index.js';
import { HttpModule } from './isolation/http/index.js';
import { MemoryModule } from './isolation/memory/index.js';
import { QueueModule } from './isolation/queue/index.js';
import { SessionsModule } from './isolation/sessions/index.js';
import { StorageModule } from './isolation/storage/index.js';

const isolation = [
  ContextModule,
  AuditModule,
  DatabaseModule,
  CacheModule,
  SessionsModule,
  HttpModule,
  MemoryModule,
  QueueModule,
  StorageModule,
  CanaryModule,
];
const features = [
  AuthModule,
  TenantsModule,
  MembersModule,
  ProjectsModule,
  TasksModule,
  FilesModule,
  ReportsModule,
  SearchModule,
  AssistantModule,
  VisitorsModule,
  ScratchpadModule,
  HealthModule,
];

@Module({ imports: [ConfigModule, ...isolation, ...features] })
export class AppModule {}
