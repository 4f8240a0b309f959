import { Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents } from '../audit/index.js';
import { TenantContext } from '../context/index.js';
import { DatabaseNotifications, SystemContext } from '../database/index.js';
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
    {
      provide: Transport,
      inject: [CONFIGURATION],
      useFactory: ({ DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS }: Configuration) =>
        new Transport(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS),
    },
    {
      provide: Dispatcher,
      inject: [SystemContext, DatabaseNotifications, Transport, JobEnvelopes, CONFIGURATION],
      useFactory: (
        system: SystemContext,
        notifications: DatabaseNotifications,
        transport: Transport,
        envelopes: JobEnvelopes,
        { JOB_LEASE_SECONDS }: Configuration,
      ) => new Dispatcher(system, notifications, transport, envelopes, JOB_LEASE_SECONDS),
    },
    {
      provide: JobWorker,
      inject: [CONFIGURATION, JobEnvelopes, JobRunner, Transport, SecurityEvents, TenantContext, Dispatcher],
      useFactory: (
        { DURABLE_REDIS_URL, JOB_LOCK_SECONDS }: Configuration,
        envelopes: JobEnvelopes,
        runner: JobRunner,
        transport: Transport,
        events: SecurityEvents,
        context: TenantContext,
        dispatcher: Dispatcher,
      ) =>
        new JobWorker(DURABLE_REDIS_URL, JOB_LOCK_SECONDS * 1000, envelopes, runner, transport, events, context, () =>
          dispatcher.refill(),
        ),
    },
  ],
})
export class QueueWorkerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(JobWorker) private readonly worker: JobWorker,
    @Inject(Transport) private readonly transport: Transport,
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
