import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/services/local-directory.js';
import { tasks } from '../../scripts/services/tasks.js';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'project-1041-path-'));
});
afterEach(() => rmSync(path, { recursive: true }));

/** The smallest task that brings up every server, in a shell that has nothing but `programs`. */
function runWith(programs: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  for (const program of programs) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(path, program));
  }
  const environment = { PATH: path, HOME: path, ...variables };
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
  const { status, stderr } = runWith(ofEveryUnix, { REDIS_URL: '', DURABLE_REDIS_URL: '' }); // as in a copy of .env.example
  expect(status).toBe(1);
  expect(stderr).toContain('No Redis found.');
});

describe('a .env, which names servers of somebody’s own,', () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'project-1041-env-'));
    const needed = ['scripts', 'prisma', 'src', 'package.json', 'package-lock.json', 'tsconfig.json'];
    for (const name of needed) cpSync(join(projectRoot, name), join(copy, name), { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, '.env'), 'DATABASE_URL=postgresql://app:word@127.0.0.1:1/customers\nREDIS_URL=\n');
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  function runInCopy(task: string, environment: Readonly<Record<string, string>> = {}) {
    const env = { PATH: process.env['PATH'], HOME: copy, ...environment };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.mjs', task], {
      cwd: copy,
      encoding: 'utf8',
      env,
    });
    return { status, stdout, stderr };
  }
  const isToBeUsed = { status: 1, stderr: expect.stringContaining('A database is named by DATABASE_URL') as string };

  it('is used by npm run dev', () => {
    expect(runInCopy('dev')).toMatchObject(isToBeUsed);
  });

  it('is not used by a task that starts servers of its own, unless it is told their names itself', () => {
    expect(runInCopy('drift')).toMatchObject({ status: 0, stdout: expect.stringContaining('agree') as string });
    expect(runInCopy('drift', { DATABASE_URL: 'postgresql://app:word@127.0.0.1:1/customers' })).toMatchObject(
      isToBeUsed,
    );
  });

  it('is used by no other task: they attack and seed what they are given', () => {
    const names = Object.keys(tasks);
    expect(names).toEqual(expect.arrayContaining(['dev', 'test', 'prove']));
    expect(names.filter((name) => tasks[name]?.readsDotEnv)).toEqual(['dev']);
  });
});
