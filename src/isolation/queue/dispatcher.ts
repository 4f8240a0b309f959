import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { DatabaseNotifications, SystemContext, type SystemTransaction } from '../database/index.js';
import { JobEnvelopes, type AcceptedJob } from './job-envelope.js';
import { Transport } from './transport.js';

/** As the migration's trigger calls it. */
const channel = 'outbox';
/** How many jobs of one tenant may be with the workers. The others wait in the outbox, where they are in nobody's way. */
const mostInFlight = 20;
const batchSize = 200;
const refillAfterMs = 100;
/** In case nobody says that there is something: another worker's jobs, a clock that was set. */
const sweepAfterMs = 30_000;
const retryAfterMs = 1000;

/**
 * Hands accepted jobs on to the workers: tenants in turn, each with a cap on what is in flight, so
 * that ten thousand jobs of one tenant are twenty when another's comes.
 *
 * A job is marked after it has been sent. A crash in between sends it again, under the same id,
 * which BullMQ ignores; marked first, it would be lost until its lease ends.
 */
@Injectable()
export class Dispatcher {
  readonly #logger = new Logger('Dispatcher');
  #running: Promise<void> | undefined;
  #isWanted = false;
  /** Whether the last run left due jobs in the outbox, for which there was no room. */
  #isHoldingBack = false;
  #hasRoom = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  #endListening: (() => Promise<void>) | undefined;

  /** After which a job that was handed on and is not done has been lost on the way. */
  readonly #leaseSeconds: number;

  constructor(
    private readonly system: SystemContext,
    private readonly notifications: DatabaseNotifications,
    private readonly transport: Transport,
    private readonly envelopes: JobEnvelopes,
    @Inject(CONFIGURATION) { JOB_LEASE_SECONDS }: Configuration,
  ) {
    this.#leaseSeconds = JOB_LEASE_SECONDS;
  }

  start(): void {
    this.transport.onReady(() => this.wake());
    this.#endListening = this.notifications.listen(channel, () => this.wake());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#endListening?.();
    await this.#running;
  }

  /** Call it when a job is done: it may have made room for one that was held back. */
  refill(): void {
    const isKnown = this.#hasRoom;
    this.#hasRoom = true;
    if (this.#isHoldingBack && !isKnown && !this.#running) this.#wakeIn(refillAfterMs);
  }

  /** Runs now, or once more after the run that is under way. */
  wake(): void {
    this.#isWanted = true;
    if (!this.#isStopped) this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    let waitMs = sweepAfterMs;
    while (this.#isWanted && !this.#isStopped && this.transport.isReady) {
      this.#isWanted = this.#hasRoom = false;
      try {
        waitMs = await this.#dispatchBatch();
      } catch (error) {
        this.#logger.warn({ msg: 'Jobs could not be dispatched, trying again', error });
        waitMs = retryAfterMs;
      }
    }
    this.#wakeIn(this.#isHoldingBack && this.#hasRoom ? refillAfterMs : waitMs);
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => this.wake(), ms);
  }

  /** @returns after how many milliseconds there may be something to do */
  #dispatchBatch(): Promise<number> {
    return this.system.run('dispatch jobs', async (transaction) => {
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('dispatch jobs'))`; // one dispatcher at a time
      const due = await this.#choose(transaction);
      if (due.length > 0) {
        await this.transport.send(due.map((job) => this.envelopes.seal(job)));
        await this.#mark(transaction, due);
      }
      if (due.length === batchSize) this.#isWanted = true;
      return this.#nextInMs(transaction);
    });
  }

  /** Every tenant's first job, then every tenant's second, … */
  #choose(transaction: SystemTransaction): Promise<AcceptedJob[]> {
    return transaction.$queryRaw<AcceptedJob[]>`
      SELECT due.tenant_id AS "tenantId", due.user_id AS "userId", due.session_id AS "sessionId",
             due.id AS row, due.run, due.job, due.payload
        FROM (SELECT tenant_id, count(*) FILTER (WHERE dispatched_at > now() - make_interval(secs => ${this.#leaseSeconds}))
                FROM outbox WHERE failed_at IS NULL GROUP BY tenant_id) AS tenant (id, in_flight)
       CROSS JOIN LATERAL (
             SELECT outbox.*, row_number() OVER (ORDER BY run_at, id) AS turn
               FROM outbox
              WHERE tenant_id = tenant.id AND failed_at IS NULL AND run_at <= now()
                AND (dispatched_at IS NULL OR dispatched_at <= now() - make_interval(secs => ${this.#leaseSeconds}))
              ORDER BY run_at, id
              LIMIT greatest(${mostInFlight} - tenant.in_flight, 0)) AS due
       ORDER BY due.turn, due.tenant_id
       LIMIT ${batchSize}`;
  }

  async #mark(transaction: SystemTransaction, due: readonly AcceptedJob[]): Promise<void> {
    await transaction.$executeRaw`
      UPDATE outbox SET dispatched_at = now()
        FROM unnest(${due.map(({ tenantId }) => tenantId)}::uuid[], ${due.map(({ row }) => row)}::uuid[],
                    ${due.map(({ run }) => run)}::integer[]) AS sent (tenant_id, id, run)
       WHERE outbox.tenant_id = sent.tenant_id AND outbox.id = sent.id AND outbox.run = sent.run`;
  }

  async #nextInMs(transaction: SystemTransaction): Promise<number> {
    const [next] = await transaction.$queryRaw<{ ms: number | null }[]>`
      SELECT extract(epoch FROM min(coalesce(dispatched_at + make_interval(secs => ${this.#leaseSeconds}), run_at))
                                - now())::float8 * 1000 AS ms
        FROM outbox WHERE failed_at IS NULL`;
    const ms = next?.ms ?? sweepAfterMs;
    this.#isHoldingBack = ms <= 0;
    return this.#isHoldingBack ? sweepAfterMs : Math.min(ms, sweepAfterMs);
  }
}
