import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const folders = ['src', 'demo', 'bench/support'];
let directory: string | undefined;

/**
 * Where the code is that a server under test runs: compiled as `npm run build` does it, without the
 * type check and not in dist, which somebody may be running. Under the loader that runs TypeScript,
 * every import() of a request would wait for another thread.
 */
export function compiled(): string {
  directory ??= compile();
  return directory;
}

function compile(): string {
  const build = join(root, `.local/bench-build-${String(process.pid)}`);
  process.on('exit', () => rmSync(build, { recursive: true, force: true }));
  const swc = join(dirname(createRequire(import.meta.url).resolve('@swc/cli/package.json')), 'bin/swc.js');
  const args = [...folders, '--out-dir', build, '--copy-files', '--config-file', '.swcrc', '--quiet'];
  execFileSync(process.execPath, [swc, ...args], { cwd: root, stdio: 'inherit' });
  return build;
}
