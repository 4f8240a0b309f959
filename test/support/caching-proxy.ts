import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { exchange, type WireAnswer } from '../isolation/http/wire.js';

/** Decides, from the URL and the headers of an answer, whether a proxy keeps it for whoever asks next. */
export type Keeps = (url: string, status: number, headers: IncomingHttpHeaders) => boolean;

const cacheable = new Set([200, 203, 204, 300, 301, 304, 308, 404, 405, 410, 414, 501]);
const extension = /\.(css|js|png|svg|ico|woff2|txt)$/;

/**
 * What a shared cache may keep by RFC 9111 §3, read as loosely as it can be: heuristically, whatever is not forbidden, and
 * without the rule about Authorization, which proxies are often told to ignore.
 */
export const keepsWhatIsAllowed: Keeps = (_url, status, headers) =>
  cacheable.has(status) && !/no-store|private/.test(headers['cache-control'] ?? '');

/** Misconfigured, as content delivery networks are: what looks like a static file is one, whatever its headers say. */
export const keepsWhatLooksStatic: Keeps = (url, status) => cacheable.has(status) && extension.test(url);

/** A proxy in front of a server, on a port of its own. It knows a request by method and URL, and not by who asks. */
export interface CachingProxy {
  readonly baseUrl: string;
  /** The URLs that it has answers to. */
  readonly kept: () => string[];
  readonly close: () => Promise<void>;
}

export async function startCachingProxy(origin: string, keeps: Keeps): Promise<CachingProxy> {
  const store = new Map<string, WireAnswer>();
  const server: Server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const key = `${method} ${url}`;
    const body = await buffer(request);
    const kept = store.get(key);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const passed =
      kept ?? (await exchange(origin, { method, path: url, headers, body: body.length > 0 ? [body] : [] }));
    if (
      !kept &&
      (method === 'GET' || method === 'HEAD') &&
      keeps(url.replace(/\?.*$/s, ''), passed.status, passed.headers)
    )
      store.set(key, passed);
    const told = Object.entries(passed.headers).filter(
      ([name]) => name !== 'transfer-encoding' && name !== 'connection',
    );
    response
      .writeHead(passed.status, { ...Object.fromEntries(told), 'x-proxy': kept ? 'HIT' : 'MISS' })
      .end(passed.text);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    baseUrl: `http://127.0.0.1:${String(port)}`,
    kept: () => [...store.keys()],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
