import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/services/local-directory.js';

const sources = ['src', 'demo', 'prisma'];
const builds = join(projectRoot, '.local/compiled');

/**
 * Compiles the project for processes of its own, which are started often: compiling it in each takes longer than its start.
 * There is one build of each state of the sources, made by whoever needs it first.
 * @param entry the path of a source from the project's root, e.g. src/main.ts
 * @returns the path of what it was compiled to
 */
export function compiled(entry: string): string {
  const build = join(builds, hashOfSources());
  if (!existsSync(build)) compile(build);
  return join(build, entry.replace(/\.ts$/, '.js'));
}

/** Beside its place, and moved there when it is whole: suites run at the same time. */
function compile(build: string): void {
  const earlier = existsSync(builds) ? readdirSync(builds) : [];
  mkdirSync(builds, { recursive: true });
  const unfinished = mkdtempSync(join(projectRoot, '.local/compiling-'));
  const swc = ['node_modules/@swc/cli/bin/swc.js', '--config-file', '.swcrc', '--copy-files', '--out-dir', unfinished];
  const { status, stderr } = spawnSync(process.execPath, [...swc, ...sources], { cwd: projectRoot, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The sources were not compiled:\n${stderr}`);
  try {
    renameSync(unfinished, build);
  } catch {
    rmSync(unfinished, { recursive: true }); // another suite was first
  }
  for (const old of earlier) rmSync(join(builds, old), { recursive: true, force: true });
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(join(projectRoot, '.swcrc')));
  for (const directory of sources)
    for (const file of readdirSync(join(projectRoot, directory), { recursive: true, withFileTypes: true }))
      if (file.isFile()) hash.update(file.name).update(readFileSync(join(file.parentPath, file.name)));
  return hash.digest('base64url');
}
