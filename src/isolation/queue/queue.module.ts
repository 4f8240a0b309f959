import { Global, Module } from '@nestjs/common';
import { JobHandlers } from './job-handler.js';
import { JobQueue } from './job-queue.js';

/** Accepts jobs, and knows who does which: in every process. */
@Global()
@Module({ providers: [JobQueue, JobHandlers], exports: [JobQueue, JobHandlers] })
export class QueueModule {}
