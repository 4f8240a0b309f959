import multipart, { type Multipart } from '@fastify/multipart';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from './errors.js';

/** The one file of a form, while it arrives. */
export interface Upload {
  /** As the client calls it, without folders. Untrusted. */
  readonly name: string;
  /** Ends only when the form has ended well: who has read all of it has all there was. */
  readonly content: AsyncIterable<Buffer>;
}

/** A route that reads a form with a file. Any other refuses forms before its handler is asked. */
export const AcceptsUpload = () => RouteConfig({ acceptsUpload: true });

export async function registerUploads(app: NestFastifyApplication): Promise<void> {
  // The size is for who stores the content to limit: it is counted there.
  await app.register(multipart, { limits: { parts: 1, files: 1, fields: 0, fileSize: Infinity } });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preValidation', (request, _reply, done) => {
      const { acceptsUpload } = request.routeOptions.config as { acceptsUpload?: boolean };
      done(request.isMultipart() && !acceptsUpload ? new ProblemError('unsupported-media-type') : undefined);
    });
}

/**
 * Hands `work` the file in the request's form.
 * @throws ProblemError unsupported-media-type or invalid-input when there is none; and to the one who reads
 * the content, malformed-request when the client goes away or sends more than one file
 */
export async function withUpload<T>(request: FastifyRequest, work: (upload: Upload) => Promise<T>): Promise<T> {
  if (!request.isMultipart()) throw new ProblemError('unsupported-media-type');
  try {
    const parts: AsyncIterator<Multipart, void> = request.parts();
    const { value: part } = await readable(parts.next());
    if (part?.type !== 'file' || part.fieldname !== 'file')
      throw new ProblemError('invalid-input', { errors: [{ path: 'file', message: 'must be a file' }] });
    return await work({ name: part.filename, content: wholeOf(part.file, parts) });
  } finally {
    request.raw.unpipe().resume(); // what is left of a refused upload: a client that still sends would not read the answer
  }
}

async function* wholeOf(file: AsyncIterable<Buffer>, parts: AsyncIterator<unknown>): AsyncGenerator<Buffer> {
  const pieces = file[Symbol.asyncIterator]();
  try {
    for (let piece = await readable(pieces.next()); !piece.done; piece = await readable(pieces.next()))
      yield piece.value;
    if (!(await readable(parts.next())).done) throw new ProblemError('malformed-request');
  } finally {
    await pieces.return?.();
  }
}

async function readable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new ProblemError('malformed-request', {}, { cause });
  }
}
