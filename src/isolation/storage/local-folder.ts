import { access, constants, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { objectPath, type ObjectKey } from './object-key.js';
import type { ObjectStore } from './object-store.js';

/** A folder of this machine, or one that all machines of the application mount. One folder per tenant. */
export class LocalFolder implements ObjectStore {
  private constructor(private readonly directory: string) {}

  /** @throws Error when the folder cannot be made or written to */
  static async open(directory: string): Promise<LocalFolder> {
    const absolute = resolve(directory);
    try {
      await mkdir(absolute, { recursive: true, mode: 0o700 });
      await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new Error('Refusing to start: the folder of STORAGE_DIRECTORY cannot be written to.', { cause });
    }
    return new LocalFolder(absolute);
  }

  /** Written beside its place and moved there when it is on the disk: who reads finds all of it, or nothing. */
  async write(key: ObjectKey, content: AsyncIterable<Buffer>): Promise<void> {
    const path = this.#path(key);
    // Not recursive: a folder that is not mounted any more must not be made anew on the disk below it.
    await mkdir(dirname(path), { mode: 0o700 }).then(() => sync(this.directory), ignore('EEXIST'));
    const file = await open(partOf(path), 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partOf(path), path);
    await sync(dirname(path));
  }

  async read(key: ObjectKey): Promise<Readable | null> {
    try {
      return (await open(this.#path(key), 'r')).createReadStream();
    } catch (error) {
      ignore('ENOENT')(error);
      await access(this.directory); // the object may only be said to be missing when the folder is not
      return null;
    }
  }

  async remove(key: ObjectKey): Promise<void> {
    const path = this.#path(key);
    await access(this.directory);
    await Promise.all([path, partOf(path)].map((each) => rm(each, { force: true })));
  }

  #path(key: ObjectKey): string {
    return join(this.directory, objectPath(key));
  }
}

const partOf = (path: string) => `${path}.part`;

/** Without it a crash can lose the name of a file whose content is safe. */
async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignore(expected: string): (error: unknown) => void {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== expected) throw error;
  };
}
