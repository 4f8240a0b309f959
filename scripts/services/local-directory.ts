import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '../..');

/**
 * Creates the folder of one run, `<base>/<name>-<pid>`, and first removes what runs that were
 * killed with SIGKILL left behind: their folders, and servers still running out of them.
 */
export function createRunDirectory(base: string, name: string): string {
  mkdirSync(base, { recursive: true, mode: 0o755 });
  for (const entry of readdirSync(base)) {
    const owner = /-(\d+)$/.exec(entry)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeRunDirectory(join(base, entry));
  }
  const directory = join(base, `${name}-${String(process.pid)}`);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  return directory;
}

export function removeRunDirectory(directory: string): void {
  for (const pidFile of ['postgres/postmaster.pid', 'redis.pid']) killRecorded(join(directory, pidFile), directory);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** A pid in a file may have been given to another program since: it must still name our folder. */
function killRecorded(pidFile: string, directory: string): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!isAlive(pid) || !commandLine(pid).includes(directory)) return;
  process.kill(pid, 'SIGKILL');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function commandLine(pid: number): string {
  return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
}

/** Reads the JSON kept in `file`, or creates it (owner-readable only): what a folder that persists must remember. */
export function readOrCreate<T>(file: string, create: () => T): T {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
  const value = create();
  writeFileSync(file, JSON.stringify(value, null, 2), { mode: 0o600 });
  return value;
}
