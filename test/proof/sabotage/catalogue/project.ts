import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../../scripts/services/local-directory.js';
import { importLaw } from '../../../project/import-law/violations.js';
import { sabotagesOf, type Sabotage } from '../sabotage.js';

const auditorRules = readdirSync(join(projectRoot, 'scripts/audit/rules')).map((file) => file.replace('.ts', ''));
const camelCase = (name: string) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const allRules =
  'const rules = [moduleState, classState, capturedState, globalState, memoization, rawClient, unregisteredStore];';

export const project: Sabotage[] = [
  ...sabotagesOf(
    'scripts/audit',
    'test/project/audit',
    auditorRules.map((name) => [
      `auditor rule ${name}`,
      'audit.ts',
      allRules,
      allRules.replace(new RegExp(`\\b${camelCase(name)}(, )?`), ''),
      'audit',
      'every evasion is found, by the rule and on the line that its comment names',
    ]),
  ),
  ...sabotagesOf('scripts/audit', 'test/project/audit', [
    [
      'auditor: an exception ends with its finding',
      'audit.ts',
      'stale: excepted.filter((each) => !found.some((finding) => isSame(each, finding))),',
      'stale: [],',
      'audit',
      'an exception',
    ],
    ['auditor: an exception is for one file', 'audit.ts', 'one.file === other.file &&', '', 'audit', 'an exception'],
  ]),
  ...sabotagesOf(
    '.',
    'test/project/import-law',
    Object.keys(importLaw).map((name) => {
      const [text, replacement] = switchedOff(name);
      return [
        `import law: ${name}`,
        '.dependency-cruiser.cjs',
        text,
        replacement,
        'import-law',
        `the import law finds ${name}`,
      ];
    }),
  ),
  ...sabotagesOf('.', 'test/project', [
    [
      'lint: raw clients stay in their rooms',
      'eslint.config.js',
      '{ patterns: banned(allRawClients) }',
      '{ patterns: banned([]) }',
      'raw-clients',
      'a feature may import none of them',
    ],
    [
      'lint: a room has its own raw clients only',
      'eslint.config.js',
      '{ patterns: banned(allRawClients.filter((group) => !own.includes(group))) }',
      '{ patterns: banned([]) }',
      'raw-clients',
      'a room may import its own and no other',
    ],
  ]),
];

/** Rules that are made from a table are switched off by their row. */
function switchedOff(name: string): readonly [text: string, replacement: string] {
  const room = /^(\w+)-knows-its-neighbours-only$/.exec(name)?.[1];
  if (room === undefined)
    return [`name: '${name}',\n      severity: 'error'`, `name: '${name}',\n      severity: 'ignore'`];
  return [`\n  ${room}: [`, `\n  ${room}: ['[a-z]+', `];
}
