import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Status line and headers, as they came. */
  readonly head: string;
  readonly body: string;
}

/**
 * HTTP/1.1 over one socket, one request at a time, and no more than the server under test needs:
 * node:http and fetch spend as much time on a request as the server does, and would be what is measured.
 */
export class KeepAliveConnection {
  #received: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<Answer> | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => this.#waiting?.reject(closed()));
    socket.on('error', (error) => this.#waiting?.reject(error));
  }

  static async open(port: number): Promise<KeepAliveConnection> {
    const socket = createConnection({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new KeepAliveConnection(socket);
  }

  get(path: string, token: string): Promise<Answer> {
    if (this.socket.destroyed) return Promise.reject(closed());
    this.#waiting = Promise.withResolvers();
    this.socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n\r\n`);
    return this.#waiting.promise;
  }

  close(): void {
    this.#waiting = undefined;
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd).toLowerCase();
    const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
    if (length === undefined) {
      this.#waiting?.reject(new Error(`An answer without content-length:\n${head}`));
      return;
    }
    const bodyEnd = headEnd + 4 + Number(length);
    if (this.#received.length < bodyEnd) return;
    const body = this.#received.toString('utf8', headEnd + 4, bodyEnd);
    this.#received = this.#received.subarray(bodyEnd);
    this.#waiting?.resolve({ status: Number(head.slice(9, 12)), head, body });
  }
}

function closed(): Error {
  return new Error('The server closed a keep-alive connection.');
}
