// Entry of every npm script that needs more than a bare Node. Runs on Node >= 20 without any
// dependency: installs from the lockfile when needed, then hands over to the pinned Node 24.
//
//   node scripts/run.mjs <task> [arguments]      scripts/services/tasks.ts lists them
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, pinnedNode, root } from './install.mjs';

await ensureInstalled();

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
