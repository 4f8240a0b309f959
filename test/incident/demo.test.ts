import { spawnSync } from 'node:child_process';
import { seed } from '../../prisma/seed.js';
import { compiled } from '../../scripts/services/compiled.js';
import { setStage, type QueueStage } from '../isolation/queue/stage.js';

// Servers of its own: the demo has a worker, which does the jobs of whoever is in the database.
let stage: QueueStage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const confidential = 'Merger with Initech (CONFIDENTIAL)';

const runDemo = (environment: Record<string, string>) =>
  spawnSync(process.execPath, [compiled('demo/main.ts'), '--once'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'development', PORT: '0', ...environment },
  });

it('the demo reproduces the leak, shows it refused, and exits with 0', async () => {
  await seed();
  await seed(); // changes nothing
  const { status, stdout, stderr } = runDemo({});
  expect(stderr).toBe('');
  expect(stdout).toContain('The leak was reproduced, and the application refused it.');
  expect(stdout).toMatch(/Globex +GET \/incident\/api\/projects\/1041 +200 +HIT +Acme's .*LEAK/);
  expect(stdout).toMatch(/Globex +GET \/api\/projects\/1041 +200 +HIT +Globex's "Summer party" +own/);
  expect(stdout).toMatch(/cache +the incident’s project cache +ONE IS SHOWN THE OTHER’S/);
  expect(stdout).toContain('✔ the incident is caught');
  expect(status).toBe(0);
});

it('where what Globex is shown is not known for Acme’s, the demo says so, and exits with 1', async () => {
  await seed();
  const rename = (name: string, other: string) =>
    stage.query('UPDATE projects SET name = $2 WHERE name = $1', [name, other]);
  await rename(confidential, 'Nothing of the kind');
  try {
    const { status, stdout } = runDemo({});
    expect(stdout).toContain('✘ reproduced: Globex reads Acme’s confidential project');
    expect(stdout).toContain('NOT AS IT SHOULD BE');
    expect(status).toBe(1);
  } finally {
    await rename('Nothing of the kind', confidential);
  }
});

it.each([
  ['in production', { NODE_ENV: 'production' }],
  ['on an address that others can reach', { HOST: '0.0.0.0' }],
])('the incident is not served %s', (_, environment) => {
  const { status, stderr } = runDemo(environment);
  expect(status).toBe(1);
  expect(stderr).toMatch(/vulnerable application/);
});
