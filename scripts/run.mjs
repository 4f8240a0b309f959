// Entry of every npm script that needs more than a bare Node. Runs on Node >= 20 without any
// dependency: installs from the lockfile when needed, then hands over to the pinned Node 24.
//
//   node scripts/run.mjs <task> [arguments]      tasks: scripts/services/with-services.ts
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pinnedNode = join(root, 'node_modules/node/bin/node');
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

const child = spawn(
  pinnedNode,
  [
    '--disable-warning=ExperimentalWarning',
    '--import',
    '@swc-node/register/esm-register',
    'scripts/services/with-services.ts',
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { NODE_COMPILE_CACHE: join(root, '.local/compile-cache'), ...process.env } },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm does not pass on every signal, and cannot pass on SIGKILL: without it there is nobody to serve.
const npm = process.ppid;
setInterval(() => process.ppid === npm || child.kill('SIGTERM'), 1000).unref();
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 1;
  if (signal) console.error(`Ended by ${signal}.`);
});
