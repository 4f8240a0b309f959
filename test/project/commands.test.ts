import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/services/local-directory.js';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'project-1041-path-'));
});
afterEach(() => rmSync(path, { recursive: true }));

/** The smallest task that brings up every server, in a shell that has nothing but `programs`. */
function runWith(programs: readonly string[]) {
  for (const program of programs) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(path, program));
  }
  const environment = { PATH: path, HOME: path };
  const run = { cwd: projectRoot, encoding: 'utf8', env: environment } as const;
  return spawnSync(process.execPath, ['scripts/run.mjs', 'drift'], run);
}

const ofEveryUnix = ['id', 'test', 'sh', 'env'];

it('with Node and a redis-server every script has its servers, PostgreSQL among them', () => {
  const { status, stderr, stdout } = runWith(['redis-server', ...ofEveryUnix]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('agree');
});

it('without a redis-server it says how to get one', () => {
  const { status, stderr } = runWith(ofEveryUnix);
  expect(status).toBe(1);
  expect(stderr).toContain('No Redis found.');
});
