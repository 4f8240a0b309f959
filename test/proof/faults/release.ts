import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/services/local-directory.js';
import { startAppProcess, type AppProcess } from '../../support/app-process.js';

interface Change {
  readonly file: string;
  /** Stands in it once. */
  readonly text: string;
  readonly replacement: string;
}

/** Another release of the application: its sources with some changes, in a process of its own. Killing it removes them. */
export async function startRelease(changes: readonly Change[]): Promise<AppProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'project-1041-release-'));
  for (const name of ['src', 'package.json', 'tsconfig.json'])
    cpSync(join(projectRoot, name), join(directory, name), { recursive: true });
  symlinkSync(join(projectRoot, 'node_modules'), join(directory, 'node_modules'));
  for (const { file, text, replacement } of changes) {
    const path = join(directory, file);
    const whole = readFileSync(path, 'utf8');
    if (whole.split(text).length !== 2) throw new Error(`Not once in ${file}: ${text}`);
    writeFileSync(path, whole.replace(text, replacement));
  }
  const { baseUrl, kill } = await startAppProcess({ directory });
  return { baseUrl, kill: () => kill().finally(() => rmSync(directory, { recursive: true, force: true })) };
}
