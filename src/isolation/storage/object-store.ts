import type { Readable } from 'node:stream';
import type { ObjectKey } from './object-key.js';

/** Injection token of `ObjectStore`. */
export const OBJECT_STORE = Symbol('ObjectStore');

/** Where bytes lie: a folder or a bucket. It rejects with errors of its own when it cannot be reached. */
export interface ObjectStore {
  /**
   * Durable when it resolves. When it rejects, also because `content` did, something may be left under the
   * key, which `remove` removes.
   */
  write(key: ObjectKey, content: AsyncIterable<Buffer>): Promise<void>;
  /** null when there is no such object. */
  read(key: ObjectKey): Promise<Readable | null>;
  /** Also when there is no such object. */
  remove(key: ObjectKey): Promise<void>;
}
