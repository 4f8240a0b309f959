import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../context/index.js';
import { sessionEntries, Sessions, SessionStore } from '../../sessions/index.js';
import { CanaryProbes, type CanaryProbe, type CanaryTurn } from '../canary-probes.js';

/** Longer than a run; what a crash leaves behind is gone after it. */
const lifetime = { idleSeconds: 60, absoluteSeconds: 60 };

/** What a session keeps. The place is its id. */
@Injectable()
export class SessionsProbe implements CanaryProbe<string> {
  readonly layer = 'sessions';
  readonly name = 'what a session keeps';

  constructor(
    private readonly sessions: Sessions,
    private readonly store: SessionStore,
    private readonly context: TenantContext,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  async plant(secret: string): Promise<string> {
    const { session } = await this.sessions.start(this.context.identity, () => Promise.resolve(), { lifetime });
    await this.#in(session.sessionId, () => this.store.write(sessionEntries.canary, secret));
    return session.sessionId;
  }

  async look({ own, other }: CanaryTurn<string>): Promise<string> {
    const read = (sessionId: string) => this.#in(sessionId, () => this.store.read(sessionEntries.canary));
    return JSON.stringify(await Promise.all([own, other].map(read)));
  }

  async clear(sessionId: string): Promise<void> {
    await this.sessions.end({ ...this.context.identity, sessionId });
  }

  #in<T>(sessionId: string, work: () => Promise<T>): Promise<T> {
    return this.context.run({ ...this.context.identity, sessionId }, 'canary', work);
  }
}
