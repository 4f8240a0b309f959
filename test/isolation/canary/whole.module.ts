import { Module } from '@nestjs/common';
import { AppModule } from '../../../src/app.module.js';
import { QueueWorkerModule } from '../../../src/isolation/queue/index.js';

/** The application with its worker in one process, as the demo has it: what is broken in it is broken for both. */
@Module({ imports: [AppModule, QueueWorkerModule] })
export class WholeModule {}
