import { Module } from '@nestjs/common';
import { AppModule } from './app.module.js';
import { QueueWorkerModule } from './isolation/queue/index.js';

/** The application without its HTTP server, and with what does its jobs. */
@Module({ imports: [AppModule, QueueWorkerModule] })
export class WorkerModule {}
