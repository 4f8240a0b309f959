import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface UnixIdentity {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: as root, use an account that is there anyway instead of adding one. */
export function unprivilegedIdentity(): UnixIdentity {
  if (process.getuid?.() !== 0) return {};
  for (const account of ['postgres', 'nobody']) {
    const id = (flag: string) => Number(execFileSync('id', [flag, account], { encoding: 'utf8', stdio: 'pipe' }));
    try {
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue;
    }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no account "postgres" or "nobody" to run it as.');
}

/** `preferred`, or a folder below the temporary one when the unprivileged account cannot reach it (a clone in /root). */
export function reachableFolder(preferred: string, name: string): string {
  mkdirSync(preferred, { recursive: true, mode: 0o755 });
  if (spawnSync('test', ['-x', preferred], { cwd: '/', ...unprivilegedIdentity() }).status === 0) return preferred;
  const base = join(tmpdir(), `project-1041-${String(process.getuid?.())}`);
  mkdirSync(base, { recursive: true, mode: 0o755 });
  if (lstatSync(base).uid !== process.getuid?.()) throw new Error(`${base} belongs to somebody else: remove it.`);
  const folder = join(base, name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}
