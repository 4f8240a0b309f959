import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A store that speaks as much of the S3 protocol as the application does, and keeps it in memory. */
export interface S3Server {
  readonly endpoint: string;
  /** By key. */
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Uploads in parts that have not been completed. */
  readonly unfinished: ReadonlyMap<string, ReadonlyMap<number, Buffer>>;
  /** Breaks all connections, and accepts none until `restart`. */
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
  /** Called with each request before it is carried out. */
  onRequest: (method: string, url: URL, headers: IncomingHttpHeaders) => void | Promise<void>;
}

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export async function startS3(bucket: string): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const unfinished = new Map<string, Map<number, Buffer>>();
  const server = createServer((request, response) => {
    answerTo(request).then(
      ({ status = 200, body = '', headers = {} }) =>
        response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body),
      () => response.destroy(), // the client has gone
    );
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const s3: S3Server = {
    endpoint,
    objects,
    unfinished,
    kill: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    restart: () => listen(port),
    onRequest: () => undefined,
  };
  return s3;

  async function answerTo(request: IncomingMessage): Promise<Reply> {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', endpoint);
    const body = await buffer(request);
    await s3.onRequest(method, url, headers);
    if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) return refusal(403, 'AccessDenied');
    const [, named, ...path] = decodeURIComponent(url.pathname).split('/');
    if (named !== bucket) return refusal(404, 'NoSuchBucket');
    const key = path.join('/');
    const uploadId = url.searchParams.get('uploadId');
    const parts = unfinished.get(uploadId ?? '');
    if (uploadId !== null && !parts) return refusal(404, 'NoSuchUpload');
    switch (`${method} ${parts ? 'upload' : url.searchParams.has('uploads') ? 'uploads' : 'object'}`) {
      case 'PUT object':
        objects.set(key, body);
        return { headers: { etag: etagOf(body) } };
      case 'GET object': {
        const object = objects.get(key);
        return object ? { body: object } : refusal(404, 'NoSuchKey');
      }
      case 'DELETE object':
        objects.delete(key);
        return {};
      case 'POST uploads': {
        const id = randomUUID();
        unfinished.set(id, new Map());
        return { body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>` };
      }
      case 'PUT upload':
        parts?.set(Number(url.searchParams.get('partNumber')), body);
        return { headers: { etag: etagOf(body) } };
      case 'POST upload': {
        const pieces = [...(parts ?? [])].toSorted(([one], [other]) => one - other).map(([, piece]) => piece);
        objects.set(key, Buffer.concat(pieces));
        unfinished.delete(uploadId ?? '');
        return { body: '<CompleteMultipartUploadResult><ETag>"any"</ETag></CompleteMultipartUploadResult>' };
      }
      case 'DELETE upload':
        unfinished.delete(uploadId ?? '');
        return {};
      default:
        return refusal(501, 'NotImplemented');
    }
  }
}

const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;

const refusal = (status: number, code: string): Reply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<Error><Code>${code}</Code></Error>`,
});
