import { Inject, Injectable, Logger } from '@nestjs/common';
import { ProblemError } from '../../common/errors.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents } from '../audit/index.js';
import { enterSystemWork, TenantContext } from '../context/index.js';
import { Sessions } from '../sessions/index.js';
import { ChannelTable } from './channel-table.js';
import { channelOf } from './channels.js';
import { EventSeal, type SealedEvent } from './event-seal.js';
import { eventNamed } from './events.js';
import { SubscriberRedis } from './realtime-redis.js';
import { Subscription, type DeliveredEvent, type EndReason, type EventListener } from './subscription.js';

/** In one process. Enough for a person's tabs and devices. */
const mostPerUser = 10;

/** Hands events on to who listens in this process, for as long as their session lives. */
@Injectable()
export class EventSubscriptions {
  readonly #logger = new Logger('Realtime');
  readonly #subscriptions = new Set<Subscription>();
  readonly #channels: ChannelTable;
  #isClosing = false;

  /** In this process, of all tenants. */
  readonly #most: number;

  constructor(
    private readonly redis: SubscriberRedis,
    private readonly seal: EventSeal,
    private readonly context: TenantContext,
    private readonly sessions: Sessions,
    private readonly securityEvents: SecurityEvents,
    @Inject(CONFIGURATION) { REALTIME_MAX_STREAMS }: Configuration,
  ) {
    this.#most = REALTIME_MAX_STREAMS;
    this.#channels = new ChannelTable(redis);
    redis.on(
      (channel, message) => enterSystemWork('hand on events', () => this.#receive(channel, message)),
      () => this.#endAll('interrupted'),
    );
  }

  /** What is held for those who listen: nothing when nobody does. */
  get counts(): { readonly subscriptions: number; readonly channels: number } {
    return { subscriptions: this.#subscriptions.size, channels: this.#channels.size };
  }

  /**
   * Listens as whoever the context says, and to nothing else: `listener.open` is called, then each event.
   * @param until when the access token expires
   * @returns how to stop; nothing happens when it has ended already
   * @throws ProblemError session-ended, sessions-unavailable, too-many-streams, unavailable
   */
  async listen(listener: EventListener, until: Date): Promise<() => void> {
    const subscription = new Subscription(this.context.identity, this.context.capture(), listener);
    if (this.#isClosing || this.#subscriptions.size >= this.#most) throw new ProblemError('unavailable');
    if (this.#channels.of(subscription.userChannel).length >= mostPerUser) throw new ProblemError('too-many-streams');
    this.#subscriptions.add(subscription);
    try {
      await this.#join(subscription);
      // Asked after Redis has confirmed where its end is told: one that ends before is seen here, one after is told.
      await this.sessions.assertAlive(subscription.identity);
      if (hasEnded(subscription)) throw new ProblemError('unavailable');
      subscription.state = 'open';
      subscription.expiry = setTimeout(() => this.#end(subscription, 'token-expired'), until.getTime() - Date.now());
      listener.open?.();
    } catch (error) {
      this.#leave(subscription);
      throw error;
    }
    return () => this.#leave(subscription);
  }

  /** The net under what should have been told: a connection that is dead, a session that expired. */
  async beat(): Promise<void> {
    await this.redis.probe();
    await Promise.all(
      [...this.#subscriptions].map((subscription) => subscription.enter(() => this.#checkSession(subscription))),
    );
  }

  close(): void {
    this.#isClosing = true;
    this.#endAll('shutting-down');
  }

  async #join(subscription: Subscription): Promise<void> {
    const joining = subscription.channels.map((channel) => this.#channels.join(channel, subscription));
    await Promise.all(joining).catch((cause: unknown) => {
      throw new ProblemError('unavailable', {}, { cause });
    });
  }

  /** Runs in no request's scope: whose a message is, it says itself, and each listener knows who it is. */
  #receive(channel: string, message: string): void {
    const subscriptions = this.#channels.of(channel);
    // Nothing of it is believed but where it was said. Whoever could say so falsely could end the session itself.
    if (subscriptions[0]?.endingChannel === channel)
      for (const subscription of subscriptions) this.#end(subscription, 'session-ended');
    else this.#hand(channel, message, subscriptions);
  }

  #hand(channel: string, message: string, subscriptions: readonly Subscription[]): void {
    const sealed = this.seal.open(message);
    if (sealed?.channel !== channel) {
      const kind = sealed ? 'misplaced event' : 'forged event';
      this.securityEvents.record({ layer: 'realtime', kind, subject: channel });
      return;
    }
    const event = this.#read(sealed);
    if (event) for (const subscription of subscriptions) this.#deliver(subscription, sealed, event);
    else this.#logger.warn({ msg: 'The event is not known to this version', event: sealed.name });
  }

  #read({ channel, tenantId, userId, id, name, version, body }: SealedEvent): DeliveredEvent | undefined {
    const event = eventNamed(name, version);
    if (!event || channelOf(event, { tenantId, userId: userId ?? '' }) !== channel) return undefined;
    const { success, data } = event.payload.safeParse(JSON.parse(body));
    return success ? { id, name, payload: data } : undefined;
  }

  /** Held against the listener's own identity once more: should it be in a wrong channel, it is told nothing there. */
  #deliver(subscription: Subscription, { channel, tenantId, userId }: SealedEvent, event: DeliveredEvent): void {
    const { identity, listener, state, enter } = subscription;
    if (tenantId !== identity.tenantId || (userId !== null && userId !== identity.userId))
      this.securityEvents.record({ layer: 'realtime', kind: 'foreign event', subject: channel });
    else if (state === 'open') enter(() => listener.deliver(event));
  }

  async #checkSession(subscription: Subscription): Promise<void> {
    try {
      await this.sessions.assertAlive(subscription.identity);
      if (subscription.state === 'open') subscription.listener.beat?.();
    } catch (error) {
      const isSessionOver = error instanceof ProblemError && error.code === 'session-ended';
      this.#end(subscription, isSessionOver ? 'session-ended' : 'interrupted');
    }
  }

  #endAll(reason: EndReason): void {
    for (const subscription of [...this.#subscriptions]) this.#end(subscription, reason);
  }

  #end(subscription: Subscription, reason: EndReason): void {
    const { state, listener, enter } = subscription;
    this.#leave(subscription);
    if (state === 'open') enter(() => listener.end(reason));
  }

  #leave(subscription: Subscription): void {
    clearTimeout(subscription.expiry);
    subscription.state = 'ended';
    if (!this.#subscriptions.delete(subscription)) return;
    for (const channel of subscription.channels) this.#channels.leave(channel, subscription);
  }
}

/** The compiler takes the state for what it was before waiting. */
function hasEnded({ state }: Subscription): boolean {
  return state === 'ended';
}
