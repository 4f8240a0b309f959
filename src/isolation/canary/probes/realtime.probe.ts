import { EventEmitter, once } from 'node:events';
import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../../common/errors.js';
import { TenantContext } from '../../context/index.js';
import {
  EventPublisher,
  events,
  EventSubscriptions,
  type CanaryPayload,
  type DeliveredEvent,
  type EndReason,
  type EventListener,
} from '../../realtime/index.js';
import { Sessions } from '../../sessions/index.js';
import { CanaryProbes, type CanaryProbe, type CanaryTurn } from '../canary-probes.js';

/** Longer than a run; what a crash leaves behind is gone after it. */
const lifetime = { idleSeconds: 60, absoluteSeconds: 60 };
const published = [events.canary, events.canaryOfUser] as const;

/** A stream that is open as long as the run lasts, and what its tenant says on it. */
interface Place {
  readonly secret: string;
  readonly sessionId: string;
  readonly stream: CanaryStream;
  readonly stop: () => void;
}

/**
 * Events of both scopes. Each tenant listens from before the first look until after the last: what the other publishes in
 * between comes before one's own next event, if it comes at all, and so is there to be seen.
 */
@Injectable()
export class RealtimeProbe implements CanaryProbe<Place> {
  readonly layer = 'realtime';
  readonly name = 'events of tenant and user';

  constructor(
    private readonly publisher: EventPublisher,
    private readonly subscriptions: EventSubscriptions,
    private readonly sessions: Sessions,
    private readonly context: TenantContext,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  async plant(secret: string): Promise<Place> {
    const { session } = await this.sessions.start(this.context.identity, () => Promise.resolve(), { lifetime });
    const { sessionId } = session;
    const stream = new CanaryStream();
    const until = new Date(Date.now() + lifetime.absoluteSeconds * 1000);
    const listen = () => this.subscriptions.listen(stream, until);
    const stop = await this.context.run({ ...this.context.identity, sessionId }, 'canary', listen);
    return { secret, sessionId, stream, stop };
  }

  async look({ number, own: { secret, stream }, signal }: CanaryTurn<Place>): Promise<string> {
    const before = stream.count(number);
    for (const event of published) await this.publisher.publish(event, { number, secret });
    await stream.reach(number, before + published.length, signal);
    return stream.text;
  }

  async clear({ stop, sessionId }: Place): Promise<void> {
    stop();
    await this.sessions.end({ ...this.context.identity, sessionId });
  }
}

/** All that one of the tenants is told. Another process's run is in it, too, under other numbers. */
class CanaryStream implements EventListener {
  readonly #told: CanaryPayload[] = [];
  readonly #arrivals = new EventEmitter();
  #end: EndReason | undefined;

  get text(): string {
    return JSON.stringify(this.#told);
  }

  count(number: number): number {
    return this.#told.filter((each) => each.number === number).length;
  }

  /** Resolves when as many have come under the number. */
  async reach(number: number, count: number, signal: AbortSignal): Promise<void> {
    while (this.count(number) < count) {
      if (this.#end === 'interrupted' || this.#end === 'shutting-down') throw new ProblemError('unavailable');
      if (this.#end) throw new Error(`The canary's stream has ended: ${this.#end}.`);
      await once(this.#arrivals, 'arrival', { signal });
    }
  }

  deliver({ payload }: DeliveredEvent): void {
    this.#told.push(payload as CanaryPayload);
    this.#arrivals.emit('arrival');
  }

  end(reason: EndReason): void {
    this.#end = reason;
    this.#arrivals.emit('arrival');
  }
}
