import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import { objectPath, type ObjectKey } from './object-key.js';
import type { ObjectStore } from './object-store.js';

const connectionTimeoutMs = 2000;
/** Without a byte from the store. */
const idleTimeoutMs = 10_000;

/** A bucket of Amazon S3, or of a store that speaks its protocol. Region and credentials are found by the SDK. */
export class S3Bucket implements ObjectStore {
  readonly #client: S3Client;

  /** @param endpoint URL of a store that is not Amazon's */
  constructor(
    private readonly bucket: string,
    endpoint: string | undefined,
  ) {
    this.#client = new S3Client({
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }), // few other stores have a host per bucket
      requestChecksumCalculation: 'WHEN_REQUIRED', // and not all of them know Amazon's newer checksums
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: connectionTimeoutMs, socketTimeout: idleTimeoutMs },
    });
  }

  /** Holds no more than one part of 5 MiB at a time: its length has to be known before it is sent. */
  async write(key: ObjectKey, content: AsyncIterable<Buffer>): Promise<void> {
    const params = { ...this.#name(key), Body: Readable.from(content, { objectMode: false }) };
    await new Upload({ client: this.#client, params, queueSize: 1 }).done();
  }

  async read(key: ObjectKey): Promise<Readable | null> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#name(key)));
      return Body as Readable; // as it is in Node
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  async remove(key: ObjectKey): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#name(key)));
  }

  #name(key: ObjectKey): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.bucket, Key: objectPath(key) };
  }
}
