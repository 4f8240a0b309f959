import { isDeepStrictEqual } from 'node:util';
import { EventPublisher, events } from '../../../src/isolation/realtime/index.js';
import { Listening } from '../../isolation/realtime/listening.js';
import type { TestApp } from '../../support/test-app.js';
import { call, type Caller, type Somebody } from '../matrix/callers.js';
import { laterMoment } from './transcript.js';

/** What somebody is told who listens all the time, in a session beside the one in which they act. */
export class ToldEvents {
  #taken = 0;
  #fences = 0;

  private constructor(
    private readonly testApp: TestApp,
    private readonly somebody: Somebody,
    private listener: Caller,
    private stream: Listening,
  ) {}

  static async listen(testApp: TestApp, somebody: Somebody): Promise<ToldEvents> {
    return new ToldEvents(testApp, somebody, ...(await open(testApp, somebody)));
  }

  /**
   * All that has been told since the last time, sorted: jobs end in any order. One more event is published, behind which
   * nothing can be that was published before it: no time-out decides that nothing more comes.
   */
  async take(): Promise<string[]> {
    const fence = { number: ++this.#fences, secret: 'the fence' };
    await this.listener.run(() => this.testApp.get(EventPublisher).publish(events.canary, fence));
    const told: string[] = [];
    for (;;) {
      const event = (await this.stream.received(this.#taken + 1))[this.#taken++];
      if (!event) await this.#listenAgain();
      if (!event || isDeepStrictEqual(event.data, fence)) return told.toSorted();
      told.push(JSON.stringify({ event: event.event, data: event.data as unknown, id: event.id })); // sorted by what it says
    }
  }

  leave(): void {
    this.stream.leave();
  }

  /** Everything that this person was logged in to has ended. */
  async #listenAgain(): Promise<void> {
    [this.listener, this.stream] = await open(this.testApp, this.somebody);
    this.#taken = 0;
  }
}

/** Later than the other session is opened: lists of sessions are in that order, in milliseconds. */
async function open(testApp: TestApp, somebody: Somebody): Promise<[Caller, Listening]> {
  await laterMoment();
  const listener = await call(testApp, somebody);
  return [listener, await Listening.open(testApp, listener.client)];
}
