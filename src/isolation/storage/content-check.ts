import { createHash } from 'node:crypto';
import { ProblemError } from '../../common/errors.js';
import { contentTypeOf, signatureBytes, type ContentType } from './content-types.js';
import type { StorageEntry } from './storage-entries.js';

/** Looks at a content while it passes. What it is called is of no interest: only the bytes tell. */
export class ContentCheck {
  readonly #hash = createHash('sha256');
  #size = 0;
  #contentType: ContentType | undefined;

  constructor(private readonly entry: StorageEntry) {}

  /** @throws ProblemError payload-too-large or unsupported-file-type */
  async *pass(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const text = new TextDecoder('utf-8', { fatal: true });
    for await (const piece of whole(content)) {
      this.#size += piece.length;
      if (this.#size > this.entry.maximumBytes) throw new ProblemError('payload-too-large');
      this.#contentType ??= this.#allowed(contentTypeOf(piece));
      if (this.#contentType === 'text/plain') checkText(() => text.decode(piece, { stream: true }));
      this.#hash.update(piece);
      yield piece;
    }
    this.#contentType ??= this.#allowed('text/plain'); // nothing at all
    if (this.#contentType === 'text/plain') checkText(() => text.decode());
  }

  /** What has passed, once all of it has. */
  get result(): { readonly contentType: ContentType; readonly size: number; readonly sha256: string } {
    if (this.#contentType === undefined) throw new Error('No content has passed yet.');
    return { contentType: this.#contentType, size: this.#size, sha256: this.#hash.digest('hex') };
  }

  #allowed(type: ContentType): ContentType {
    if (!this.entry.contentTypes.includes(type)) throw new ProblemError('unsupported-file-type');
    return type;
  }
}

/** The same content; its first piece is long enough to tell the type by. */
async function* whole(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of content) {
    if (!head) yield piece;
    else if ((head = Buffer.concat([head, piece])).length >= signatureBytes) {
      yield head;
      head = undefined;
    }
  }
  if (head && head.length > 0) yield head;
}

/** NUL is valid UTF-8, and in no text: it is how a binary file is told from one. */
function checkText(decode: () => string): void {
  try {
    if (!decode().includes('\0')) return;
  } catch {
    // not UTF-8
  }
  throw new ProblemError('unsupported-file-type');
}
