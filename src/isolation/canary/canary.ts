import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ProblemError, problems } from '../../common/errors.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents, seenByCanary, type SecurityEvent } from '../audit/index.js';
import { enterSystemWork } from '../context/index.js';
import { problemOf, reportRefusal } from '../database/index.js';
import { canaryLastRun, canaryOutcome } from '../logging/index.js';
import { CanaryProbes, type CanaryProbe } from './canary-probes.js';
import { CanaryTenants } from './canary-tenants.js';
import { exercise, outcomes, type Finding, type Outcome, type Stand } from './exercise.js';

/** For how long an event of a guard keeps the health failing: longer than whoever watches it looks away. */
const eventsCountForMs = 15 * 60_000;
/** What a client can bring about by itself: anybody could ring the alarm. */
const byClients = new Set<string>(['refresh token reused', 'too many attempts']);

export interface CanaryHealth {
  /** `unknown`: nothing bad was seen, but not all could be looked at, or for a while nobody has looked. */
  readonly status: 'ok' | 'unknown' | 'off' | 'failing';
  /** Probes that have not been `ok` since they were `foreign` or `blind`. */
  readonly failing: readonly Finding[];
  /** What guards have refused in the last quarter of an hour. */
  readonly refused: readonly Pick<SecurityEvent, 'layer' | 'kind'>[];
  readonly unknown: readonly Finding[];
  /** When all probes were last done, whatever they came to. */
  readonly lastRunAt: Date | null;
}

/**
 * Looks at everything once a minute, in every process: what a process keeps to itself (single-flight, a context
 * that is not left) leaks in that process only.
 */
@Injectable()
export class Canary implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('Canary');
  readonly #stopping = new AbortController();
  readonly #intervalMs: number;
  readonly #probeTimeoutMs: number;
  /** By probe. What was found stays until the probe is ok: an outage afterwards proves nothing. */
  readonly #findings = new Map<CanaryProbe, Finding>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<readonly Finding[]> | undefined;
  #lastRunAt: Date | null = null;

  constructor(
    private readonly tenants: CanaryTenants,
    private readonly probes: CanaryProbes,
    private readonly events: SecurityEvents,
    @Inject(CONFIGURATION) { CANARY_INTERVAL_SECONDS, CANARY_PROBE_TIMEOUT_MS }: Configuration,
  ) {
    this.#intervalMs = CANARY_INTERVAL_SECONDS * 1000;
    this.#probeTimeoutMs = CANARY_PROBE_TIMEOUT_MS;
  }

  onApplicationBootstrap(): void {
    this.#schedule();
  }

  /** While the servers are still there for what is being cleared away. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Now. Who asks while a run is under way gets that one. Never rejects. */
  run(): Promise<readonly Finding[]> {
    this.#running ??= enterSystemWork('look as canary', () => this.#run()).finally(() => (this.#running = undefined));
    return this.#running;
  }

  get health(): CanaryHealth {
    const all = [...this.#findings.values()];
    const failing = all.filter(({ outcome }) => outcome === 'foreign' || outcome === 'blind');
    const unknown = all.filter(({ outcome }) => outcome === 'unknown');
    const refused = this.events
      .since(Date.now() - eventsCountForMs)
      .filter(({ kind }) => kind !== seenByCanary && !byClients.has(kind));
    const isStale = this.#intervalMs > 0 && Date.now() - (this.#lastRunAt?.getTime() ?? 0) > 3 * this.#intervalMs;
    let status: CanaryHealth['status'] = unknown.length > 0 || isStale ? 'unknown' : 'ok';
    if (this.#intervalMs === 0 && !this.#lastRunAt) status = 'off';
    if (failing.length > 0 || refused.length > 0) status = 'failing';
    return { status, failing, refused, unknown, lastRunAt: this.#lastRunAt };
  }

  /** Up to a tenth earlier, so that processes which start together do not look together. */
  #schedule(): void {
    if (this.#intervalMs === 0 || this.#stopping.signal.aborted) return;
    const waitMs = this.#intervalMs * (1 - Math.random() / 10);
    this.#timer = setTimeout(() => void this.run().finally(() => this.#schedule()), waitMs).unref();
  }

  async #run(): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    for (const probe of this.probes.all) {
      const finding = await this.#probe(probe);
      if (this.#stopping.signal.aborted) return findings; // what was cut short says nothing
      findings.push(finding);
      this.#keep(probe, finding);
    }
    this.#lastRunAt = new Date();
    publish(findings, this.#lastRunAt);
    return findings;
  }

  async #probe(probe: CanaryProbe): Promise<Finding> {
    const { layer, name } = probe;
    const stand: Omit<Stand, 'pair'> = {
      as: (tenant, work) => this.tenants.as(tenant, work),
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#probeTimeoutMs)]),
      isOutage,
    };
    try {
      const { outcome, cause } = await exercise(probe, { ...stand, pair: await this.tenants.pair() });
      if (outcome !== 'ok') this.#tell(probe, outcome, cause);
      return { layer, probe: name, outcome };
    } catch (cause) {
      const outcome = isOutage(cause) ? 'unknown' : 'blind';
      this.#tell(probe, outcome, cause);
      return { layer, probe: name, outcome };
    }
  }

  #keep(probe: CanaryProbe, finding: Finding): void {
    const { layer, outcome } = finding;
    if (outcome === 'foreign') this.events.record({ layer, kind: seenByCanary, subject: probe.name });
    if (outcome === 'blind') this.tenants.forget();
    const known = this.#findings.get(probe)?.outcome ?? 'ok';
    if (outcome === 'unknown' && known !== 'ok') return;
    this.#findings.set(probe, finding);
  }

  #tell({ layer, name }: CanaryProbe, outcome: Outcome, cause: unknown): void {
    reportRefusal(this.events, cause);
    const fields = { msg: 'A probe is not ok', layer, probe: name, outcome, error: cause };
    if (outcome === 'unknown') this.#logger.warn(fields);
    else this.#logger.error(fields);
  }
}

function isOutage(error: unknown): boolean {
  const problem = error instanceof ProblemError ? error : problemOf(error);
  return problem !== undefined && problems[problem.code].status === 503;
}

function publish(findings: readonly Finding[], at: Date): void {
  const worst = outcomes.findLast((outcome) => findings.some((finding) => finding.outcome === outcome));
  for (const outcome of outcomes) canaryOutcome.set({ outcome }, outcome === worst ? 1 : 0);
  canaryLastRun.set(at.getTime() / 1000);
}
