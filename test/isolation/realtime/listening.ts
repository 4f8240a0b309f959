import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { EventSubscriptions } from '../../../src/isolation/realtime/index.js';
import type { Client } from '../../support/client.js';
import type { TestApp } from '../../support/test-app.js';

export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests assert its shape
}

/** A stream of events, as a client reads it. */
export class Listening {
  /** All that has come, the first event excluded. */
  readonly events: ReceivedEvent[] = [];
  comments = 0;
  #wake: () => void = () => undefined;
  #isOver = false;

  private constructor(
    readonly headers: IncomingHttpHeaders,
    readonly first: ReceivedEvent,
    pieces: AsyncIterator<string>,
    private readonly response: IncomingMessage,
  ) {
    void this.#read(pieces);
  }

  /** Resolves when the stream has begun: every later event comes. */
  static async open(
    { baseUrl }: Pick<TestApp, 'baseUrl'>,
    { token }: Pick<Client, 'token'>,
    headers: Record<string, string> = {},
    query = '',
  ): Promise<Listening> {
    const sent = request(`${baseUrl}/api/events${query}`, {
      agent: false, // a socket of its own
      headers: { authorization: `Bearer ${token ?? ''}`, ...headers },
    });
    sent.on('error', () => undefined); // it is us, or the server on purpose, who hangs up
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`${String(response.statusCode)} ${await readText(response)}`);
    const pieces = piecesOf(response)[Symbol.asyncIterator]();
    const { value } = await pieces.next();
    return new Listening(response.headers, parse(String(value)), pieces, response);
  }

  /** Resolves when as many have come, or the stream is over. */
  async received(count: number): Promise<readonly ReceivedEvent[]> {
    while (this.events.length < count && !this.#isOver) await this.#more();
    return this.events;
  }

  /** Resolves when such an event has come, or the stream is over. @returns whether it has come */
  async got(name: string): Promise<boolean> {
    while (!names(this.events).includes(name) && !this.#isOver) await this.#more();
    return names(this.events).includes(name);
  }

  async beats(count: number): Promise<void> {
    while (this.comments < count && !this.#isOver) await this.#more();
  }

  /**
   * Resolves when nothing more can come; or when it has beaten as often again, and so is not over.
   * @returns why it is over, if it is and that was said
   */
  async over(mostBeats = Infinity): Promise<string | undefined> {
    const most = this.comments + mostBeats;
    while (!this.#isOver && this.comments < most) await this.#more();
    const last = this.events.at(-1);
    return last?.event === 'end' ? (last.data as { reason: string }).reason : undefined;
  }

  /** As a client that goes away. */
  leave(): void {
    this.response.destroy();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async #read(pieces: AsyncIterator<string>): Promise<void> {
    try {
      for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
        if (piece.value.startsWith(':')) this.comments++;
        else this.events.push(parse(piece.value));
        this.#wake();
      }
    } catch {
      // cut off
    }
    this.#isOver = true;
    this.#wake();
  }
}

export const names = (received: readonly ReceivedEvent[]): string[] => received.map(({ event }) => event);

/** Resolves when nobody listens, and nothing is held for anybody. */
export async function nobodyListens({ get }: Pick<TestApp, 'get'>): Promise<void> {
  const subscriptions = get(EventSubscriptions);
  while (subscriptions.counts.subscriptions > 0 || subscriptions.counts.channels > 0)
    await new Promise((resolve) => setImmediate(resolve));
}

async function* piecesOf(body: IncomingMessage): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    const pieces = text.split('\n\n');
    text = pieces.pop() ?? '';
    yield* pieces;
  }
}

function parse(piece: string): ReceivedEvent {
  const fields = new Map(piece.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
  return { event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(fields.get('data') ?? 'null') };
}
