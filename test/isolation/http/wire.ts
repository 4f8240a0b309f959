import { once } from 'node:events';
import { request, type Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';

/** A request that fetch would refuse or tidy up: TRACE, a Host of one's own, a path that is no URL, a chosen socket. */
export interface WireRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each element is written, and has left the process, before the next one is. */
  readonly body?: readonly (string | Buffer)[];
  readonly agent?: Agent;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends the request over node:http, and reads the answer whole; of a stream of events, which has no end, the head. */
export async function exchange(baseUrl: string, wireRequest: WireRequest): Promise<WireAnswer> {
  const sent = open(baseUrl, wireRequest);
  sent.on('error', () => undefined); // before the answer it rejects `answered`; after it, it does not matter
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined); // awaited below, after the body
  for (const piece of wireRequest.body ?? []) await write(sent, piece);
  sent.end();
  const [response] = await answered;
  const isEndless = sent.method === 'GET' && response.headers['content-type'] === 'text/event-stream';
  if (isEndless) response.destroy();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: isEndless ? '' : await readText(response),
  };
}

/** Sends the pieces of the body, and then breaks the connection instead of ending the request. */
export async function abandon(baseUrl: string, wireRequest: WireRequest): Promise<void> {
  const sent = open(baseUrl, wireRequest);
  sent.on('error', () => undefined); // "socket hang up": it is us who hang up
  for (const piece of wireRequest.body ?? []) await write(sent, piece);
  sent.destroy();
}

/** Writes bytes to a fresh connection and returns everything that comes back until `isEnough`, or the server's end. */
export async function converse(
  baseUrl: string,
  bytes: string | Buffer,
  isEnough: (received: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  let received = '';
  for await (const piece of socket) {
    received += String(piece);
    if (isEnough(received)) break;
  }
  return received;
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

export function json(value: unknown, token?: string): Pick<WireRequest, 'headers' | 'body'> {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const headers = {
    ...bearer(token),
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  return { headers, body: [body] };
}

function open(baseUrl: string, { method = 'GET', path, headers = {}, agent }: WireRequest): ClientRequest {
  const { hostname, port } = new URL(baseUrl);
  return request({ hostname, port, method, path, headers, agent: agent ?? false });
}

async function write(sent: ClientRequest, piece: string | Buffer): Promise<void> {
  await new Promise<void>((resolve) => sent.write(piece, () => resolve()));
}
