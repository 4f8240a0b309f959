import { Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { Dispatcher } from './dispatcher.js';
import { JobEnvelopes } from './job-envelope.js';
import { JobLedger } from './job-ledger.js';
import { JobRunner } from './job-runner.js';
import { JobWorker } from './job-worker.js';
import { queueName, Transport } from './transport.js';

/** A job may wait with the workers for longer than its lease: it is not to be refused for that, as it would be again and again. */
const leasesPerEnvelope = 6;

/** Hands accepted jobs on and runs them: in a worker's process. */
@Module({
  providers: [
    JobLedger,
    JobRunner,
    {
      provide: JobEnvelopes,
      inject: [CONFIGURATION],
      useFactory: ({ JOB_SIGNING_KEY, JOB_LEASE_SECONDS }: Configuration) =>
        new JobEnvelopes(JOB_SIGNING_KEY, queueName, JOB_LEASE_SECONDS * leasesPerEnvelope),
    },
    Transport,
    Dispatcher,
    JobWorker,
  ],
})
export class QueueWorkerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly worker: JobWorker,
    private readonly transport: Transport,
  ) {}

  onApplicationBootstrap(): void {
    this.dispatcher.start();
    this.worker.start();
  }

  /** While the database is still there for the jobs that are running. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.dispatcher.stop();
    await this.worker.stop();
    await this.transport.close();
  }
}
