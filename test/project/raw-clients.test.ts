import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// ESLint's rules for imports, as each path of the application has them.

const root = join(import.meta.dirname, '../..');
const modules = {
  pg: 'database',
  '@prisma/client': 'database',
  '../../generated/prisma/client.js': 'database',
  'cache-manager': 'cache',
  'cache-manager-ioredis-yet': 'cache',
  ioredis: 'cache sessions memory queue',
  bullmq: 'queue',
  'node:fs': 'storage',
  'node:fs/promises': 'storage',
  '@aws-sdk/client-s3': 'storage',
} as const;
const rooms = ['audit', 'cache', 'context', 'database', 'http', 'memory', 'queue', 'sessions', 'storage'];
const pathOf = (room: string) => `src/isolation/${room}/file.ts`;

/** In a process of its own: ESLint loads its configuration in ways that jest does not know. */
const script = `
  import { ESLint, Linter } from 'eslint';
  import tseslint from 'typescript-eslint';
  const { paths, modules } = JSON.parse(process.argv[1]);
  const name = '@typescript-eslint/no-restricted-imports';
  const refused = {};
  for (const path of paths) {
    const { rules } = await new ESLint().calculateConfigForFile(path);
    const only = { files: ['**'], plugins: { '@typescript-eslint': tseslint.plugin }, languageOptions: { parser: tseslint.parser }, rules: { [name]: rules[name] ?? 'off' } };
    refused[path] = modules.filter((module) =>
      new Linter().verify('import x from ' + JSON.stringify(module), [only], { filename: path }).length > 0);
  }
  console.log(JSON.stringify(refused));`;

let refused: Readonly<Record<string, readonly string[]>>;
beforeAll(() => {
  const paths = ['src/features/projects/file.ts', ...rooms.map(pathOf)];
  const question = JSON.stringify({ paths, modules: Object.keys(modules) });
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script, question], {
    cwd: root,
    encoding: 'utf8',
  });
  refused = JSON.parse(stdout) as typeof refused;
});

it('a feature may import none of them', () => {
  expect(refused['src/features/projects/file.ts']).toEqual(Object.keys(modules));
});

it.each(rooms)('a room may import its own and no other: %s', (room) => {
  const foreign = Object.entries(modules).filter(([, owners]) => !owners.split(' ').includes(room));
  expect(refused[pathOf(room)]).toEqual(foreign.map(([module]) => module));
});
