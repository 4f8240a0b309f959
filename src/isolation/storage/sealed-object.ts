import { createHash } from 'node:crypto';
import { Transform, type Readable, type TransformCallback } from 'node:stream';

/** The content, after a first line that says under a MAC where it belongs. */
export async function* sealed(seal: string, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from(seal);
  yield* content;
}

/** Takes exactly so many bytes off the front of the stream; fewer, when it has no more. */
export function take(stream: Readable, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      stream.off('readable', attempt).off('end', end).off('error', reject);
      finish();
    };
    const attempt = () => {
      const taken = stream.read(bytes) as Buffer | null;
      if (taken) settle(() => resolve(taken));
    };
    const end = () => settle(() => resolve(Buffer.alloc(0)));
    stream.on('readable', attempt).on('end', end).on('error', reject);
  });
}

/**
 * Passes a content on, and breaks off before its last piece when it is not the one that was stored. A
 * client that was told the length then knows that it has not got all of it.
 */
export class HashCheck extends Transform {
  readonly #hash = createHash('sha256');
  #last: Buffer | undefined;

  constructor(private readonly sha256: string) {
    super();
  }

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const previous = this.#last;
    this.#last = piece;
    this.#hash.update(piece);
    done(null, previous);
  }

  override _flush(done: TransformCallback): void {
    if (this.#hash.digest('hex') === this.sha256) done(null, this.#last);
    else done(new Error('A stored object is not what was stored.'));
  }
}
