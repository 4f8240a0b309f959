import { spawnSync } from 'node:child_process';
import { seed } from '../../prisma/seed.js';

const runDemo = (environment: Record<string, string>) =>
  spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', '@swc-node/register/esm-register', 'demo/main.ts', '--once'],
    { encoding: 'utf8', env: { ...process.env, NODE_ENV: 'development', PORT: '0', ...environment } },
  );

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

it.each([
  ['in production', { NODE_ENV: 'production' }],
  ['on an address that others can reach', { HOST: '0.0.0.0' }],
])('the incident is not served %s', (_, environment) => {
  const { status, stderr } = runDemo(environment);
  expect(status).toBe(1);
  expect(stderr).toMatch(/vulnerable application/);
});
