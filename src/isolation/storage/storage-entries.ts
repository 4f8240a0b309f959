import type { ContentType } from './content-types.js';

/** A kind of content that may be stored. There is no other way to store anything than as one of these. */
export interface StorageEntry {
  readonly name: string;
  /** Its key begins with the tenant. */
  readonly scope: 'tenant';
  readonly maximumBytes: number;
  /** As the content itself shows them: what a client calls it is not looked at. */
  readonly contentTypes: readonly ContentType[];
}

/** The registry: everything that is kept in the object store. */
export const storageEntries = {
  projectFile: entry({
    name: 'projectFile',
    scope: 'tenant',
    maximumBytes: 10 * 1024 * 1024,
    contentTypes: [
      'application/pdf',
      'application/zip',
      'image/gif',
      'image/jpeg',
      'image/png',
      'image/webp',
      'text/plain',
    ],
  }),
  canary: entry({ name: 'canary', scope: 'tenant', maximumBytes: 64, contentTypes: ['text/plain'] }),
} as const;

const registered = new Set<unknown>(Object.values(storageEntries));

/** @throws Error for an entry that is not in the registry, however it was made */
export function assertRegistered(entry: StorageEntry): void {
  if (registered.has(entry)) return;
  throw new Error(
    `The storage entry "${entry.name}" is not registered. Add it to src/isolation/storage/storage-entries.ts.`,
  );
}

function entry(definition: StorageEntry): StorageEntry {
  return Object.freeze(definition);
}
