import { AsyncLocalStorage } from 'node:async_hooks';

const works = new AsyncLocalStorage<string>();

/** Names the work across tenants that `fn` is. Grants nothing: what the work may do, SystemContext and its policies say. */
export function enterSystemWork<T>(work: string, fn: () => T): T {
  return works.run(work, fn);
}

/** Undefined outside any. */
export function runningSystemWork(): string | undefined {
  return works.getStore();
}
