import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importLaw } from './violations.js';

// The law of this project, for a small project that breaks every rule of it once.

const root = join(import.meta.dirname, '../../..');
const config = join(root, '.dependency-cruiser.cjs');
const packages = ['pg', 'ioredis', 'cache-manager', 'rate-limiter-flexible', 'pino', 'undeclared'];
const files: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    dependencies: Object.fromEntries(packages.slice(0, -1).map((name) => [name, '*'])),
  }),
  'tsconfig.json': JSON.stringify({ compilerOptions: { module: 'nodenext', target: 'es2024' } }),
  ...Object.fromEntries(packages.map((name) => [`node_modules/${name}/index.js`, 'export {};'])),
  'src/common/other.ts': "import './one.js';",
  'test/support/world.ts': '',
  'demo/incident/leak.ts': '',
  'src/features/a/a.service.ts': '',
  'src/features/a/a.repository.ts': "import '../../isolation/database/index.js';",
  'src/isolation/cache/index.ts': "import './store.js';",
  'src/isolation/cache/store.ts': '',
  'src/isolation/limits/index.ts': '',
  'src/isolation/database/index.ts': "import './client.js';",
  'src/isolation/database/client.ts': "import 'pg';", // where it may be
  ...Object.fromEntries(
    Object.values(importLaw).map(([from, imported]) => [from, imported === '' ? '' : `import '${imported}';`]),
  ),
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}
let violations: readonly Violation[];
beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), 'project-1041-import-law-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { stdout } = spawnSync(
    process.execPath,
    [cli, '--config', config, '--output-type', 'json', 'src', 'scripts', 'demo', 'test'],
    { cwd: directory, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  rmSync(directory, { recursive: true });
  violations = (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
});

it('every rule of the law has a violation here', () => {
  const { forbidden } = createRequire(import.meta.url)(config) as { forbidden: { name: string }[] };
  expect(Object.keys(importLaw).toSorted()).toEqual(forbidden.map(({ name }) => name).toSorted());
});

it.each(Object.entries(importLaw))('the import law finds %s', (name, [from]) => {
  expect(violations.map((violation) => `${violation.rule.name} ${violation.from}`)).toContain(`${name} ${from}`);
});

it('a room’s own client, and a room’s door, may be imported', () => {
  const innocent = [
    'src/isolation/database/client.ts',
    'src/isolation/database/index.ts',
    'src/features/a/a.repository.ts',
  ];
  expect(violations.filter(({ from }) => innocent.includes(from))).toEqual([]);
});
