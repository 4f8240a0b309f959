import type { TenantIdentity } from '../context/index.js';
import { endingChannel } from '../sessions/index.js';
import { tenantChannel, userChannel } from './channels.js';

/** An event as a client gets it. */
export interface DeliveredEvent {
  /** UUID: the same for every client that is told. */
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

/** Why nothing more comes. */
export type EndReason = 'session-ended' | 'token-expired' | 'interrupted' | 'shutting-down';

/** Whoever is told. Called in the scope in which it began to listen. */
export interface EventListener {
  /** From now on every event is delivered: what is fetched from here on is not older than what was missed. */
  open?(): void;
  deliver(event: DeliveredEvent): void;
  /** The session has been asked for, and lives. */
  beat?(): void;
  end(reason: EndReason): void;
}

/** A listener, and who it is for as long as it listens: captured when it began, never read from the running scope. */
export class Subscription {
  readonly tenantChannel: string;
  readonly userChannel: string;
  /** Where the end of its session is told. */
  readonly endingChannel: string;
  state: 'joining' | 'open' | 'ended' = 'joining';
  expiry: NodeJS.Timeout | undefined;

  /** @param enter runs work in the scope of `identity` (TenantContext.capture) */
  constructor(
    readonly identity: Readonly<TenantIdentity>,
    readonly enter: <T>(work: () => T) => T,
    readonly listener: EventListener,
  ) {
    this.tenantChannel = tenantChannel(identity);
    this.userChannel = userChannel(identity);
    this.endingChannel = endingChannel(identity);
  }

  get channels(): readonly string[] {
    return [this.endingChannel, this.tenantChannel, this.userChannel];
  }
}
