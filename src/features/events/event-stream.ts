import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DeliveredEvent, EndReason, EventListener } from '../../isolation/realtime/index.js';

/** Bytes that may wait for a client that does not read. */
const mostUnread = 64 * 1024;
const reconnectAfterMs = 2000;
/** For what is under way to a client that reads. */
const lingerMs = 1000;

const headers = {
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no', // nginx would collect events until its buffer is full
};

/**
 * Events as a client reads them (https://html.spec.whatwg.org/multipage/server-sent-events.html). Written by
 * hand and not with `@Sse`: that replaces our Cache-Control, and holds back without asking what a client does not read.
 */
export class EventStream implements EventListener {
  readonly #response: ServerResponse;

  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    this.#response = reply.raw;
    void reply.header('connection', 'close'); // kept open, it would be waited for at shutdown
  }

  /** Answers HEAD: as GET, and listens to nothing. */
  describe(): void {
    void this.reply.headers(headers).send();
  }

  /** Calls `leave` when nobody reads any more. */
  onClose(leave: () => void): void {
    if (this.#response.destroyed) leave();
    else this.#response.once('close', leave);
  }

  open(): void {
    this.reply.hijack();
    this.#response.writeHead(200, { ...this.reply.getHeaders(), ...headers } as Record<string, string>);
    // Events are not kept: whoever was here before has missed some, as many as there were.
    const event = this.request.headers['last-event-id'] === undefined ? 'ready' : 'reset';
    this.#write(`retry: ${String(reconnectAfterMs)}\nevent: ${event}\ndata: {}\n\n`);
  }

  deliver({ id, name, payload }: DeliveredEvent): void {
    this.#write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(payload)}\n\n`);
  }

  beat(): void {
    this.#write(':\n\n');
  }

  end(reason: EndReason): void {
    this.#response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
    const cutOff = setTimeout(() => this.#response.destroy(), lingerMs);
    this.#response.once('close', () => clearTimeout(cutOff));
  }

  #write(text: string): void {
    this.#response.write(text);
    if (this.#response.writableLength > mostUnread) this.#response.destroy();
  }
}
