import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { projectRoot } from './local-directory.js';

/** A fork may have deleted some of them. */
const sources = ['src', 'demo', 'prisma', 'bench/support'].filter((source) => existsSync(join(projectRoot, source)));
const builds = join(projectRoot, '.local/compiled');
const keptForMs = 24 * 60 * 60_000;
let build: string | undefined;

/**
 * Compiles what tests and benchmarks start as processes of their own, as `npm run build` does it, without the type check
 * and not in dist, which somebody may be running. Under the loader that runs TypeScript, a start takes three times as
 * long, and every import() of a request waits for another thread.
 *
 * There is one build of each state of the sources, made by whoever needs it first.
 * @param entry path of a source, from the project's root: src/main.ts
 * @returns the path of what it was compiled to
 */
export function compiled(entry: string): string {
  build ??= buildOf(hashOfSources());
  return join(build, entry.replace(/\.ts$/, '.js'));
}

function buildOf(hash: string): string {
  const directory = join(builds, hash);
  if (existsSync(directory)) return directory;
  mkdirSync(builds, { recursive: true });
  for (const old of readdirSync(builds).map((name) => join(builds, name)))
    if (Date.now() - (statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? 0) > keptForMs)
      rmSync(old, { recursive: true, force: true });
  compile(directory);
  return directory;
}

/** Beside its place, and moved there when it is whole: suites run at the same time. */
function compile(directory: string): void {
  const unfinished = mkdtempSync(join(builds, 'unfinished-'));
  const swc = join(dirname(createRequire(import.meta.url).resolve('@swc/cli/package.json')), 'bin/swc.js');
  const args = [...sources, '--out-dir', unfinished, '--copy-files', '--config-file', '.swcrc', '--quiet'];
  execFileSync(process.execPath, [swc, ...args], { cwd: projectRoot, stdio: 'inherit' });
  try {
    renameSync(unfinished, directory);
  } catch {
    rmSync(unfinished, { recursive: true }); // another was first
  }
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(join(projectRoot, '.swcrc')));
  for (const source of sources)
    for (const file of readdirSync(join(projectRoot, source), { recursive: true, withFileTypes: true }))
      if (file.isFile()) {
        const path = join(file.parentPath, file.name);
        hash.update(relative(projectRoot, path)).update(readFileSync(path)); // its name alone would not tell that it has moved
      }
  return hash.digest('base64url');
}
