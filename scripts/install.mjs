// Installs from the lockfile what is not installed yet. Runs on Node >= 20 without any dependency: before every npm script
// that needs one. Also a command of its own: node scripts/install.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const pinnedNode = join(root, 'node_modules/node/bin/node');
const lock = join(root, '.local/install.lock');
const lockIsStaleAfterMs = 10 * 60_000;

/** True when npm's own record of what it installed lists the versions of the lockfile. */
function isInstalled() {
  const packages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  const record = 'node_modules/.package-lock.json';
  if (!existsSync(pinnedNode) || !existsSync(join(root, record))) return false;
  const wanted = packages('package-lock.json');
  const installed = packages(record);
  return (
    Object.entries(installed).every(([path, { version }]) => wanted[path]?.version === version) &&
    Object.entries(wanted).every(([path, { optional }]) => path === '' || optional || installed[path])
  );
}

function install() {
  if (isInstalled()) return;
  console.log('Installing dependencies from package-lock.json (about a minute) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('npm ci failed; its output is above.');
}

/** Two commands started side by side in one clone must not both run npm ci: the directory is the lock. */
async function withInstallLock(work) {
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > lockIsStaleAfterMs) rmSync(lock, { recursive: true, force: true });
      await sleep(250);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Ends the process when it cannot. */
export async function ensureInstalled() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    console.error(`Node ${process.version} is too old: this needs Node 20 or newer to install its own Node 24.`);
    process.exit(1);
  }
  try {
    if (!isInstalled()) await withInstallLock(install);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureInstalled();
