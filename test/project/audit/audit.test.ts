import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { audit, findings, type Exception } from '../../../scripts/audit/audit.js';
import { exceptions } from '../../../scripts/audit/exceptions.js';
import { remedies, type Finding } from '../../../scripts/audit/finding.js';
import { Source } from '../../../scripts/audit/source.js';

const root = join(import.meta.dirname, '../../..');
const fixtures = (kind: string) => ts.sys.readDirectory(join(import.meta.dirname, 'fixtures', kind), ['.ts']);

/** "file.ts:7 rule", for each finding. */
const all = findings(new Source(join(root, 'tsconfig.json'), [...fixtures('evasions'), ...fixtures('innocent')]));
function found(kind: string): string[] {
  const own = all.filter(({ file }) => file.includes(`/${kind}/`));
  return own.map(({ file, line, rule }) => `${basename(file)}:${String(line)} ${rule}`);
}

/** The same, as the fixtures' own comments have it: `// ← rule`. */
function marked(kind: string): string[] {
  return fixtures(kind).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((text, index) =>
        [...text.matchAll(/← ([a-z-]+)/g)].map(([, rule = '']) => `${basename(path)}:${String(index + 1)} ${rule}`),
      ),
  );
}

it('every evasion is found, by the rule and on the line that its comment names, and nothing beside them', () => {
  const expected = marked('evasions');
  expect(new Set(expected.map((each) => each.split(' ')[1]))).toEqual(new Set(Object.keys(remedies)));
  expect(found('evasions').toSorted()).toEqual(expected.toSorted());
});

it('what only looks like state is left alone', () => {
  expect(fixtures('innocent')).not.toEqual([]);
  expect(found('innocent')).toEqual([]);
});

describe('the application', () => {
  const own = findings(new Source(join(root, 'tsconfig.build.json')));

  it('has no finding but those that exceptions name, and no exception without its finding', () => {
    expect(own.length).toBeGreaterThan(0);
    expect(audit(own, exceptions)).toEqual({ remaining: [], stale: [] });
  });

  it('says of every exception why, and who answers for it', () => {
    for (const { reason, owner } of exceptions) {
      expect(reason.split(' ').length).toBeGreaterThan(4);
      expect(owner).toMatch(/^[a-z]+$/);
    }
  });
});

describe('an exception', () => {
  const finding: Finding = { rule: 'module-state', file: 'src/a.ts', line: 1, symbol: 'cache', what: 'is changed' };
  const exception: Exception = {
    rule: 'module-state',
    file: 'src/a.ts',
    symbols: ['cache'],
    reason: 'why',
    owner: 'who',
  };

  it('covers its own finding', () => {
    expect(audit([finding], [exception])).toEqual({ remaining: [], stale: [] });
  });

  it.each<Partial<Finding>>([{ rule: 'static-state' }, { file: 'src/b.ts' }, { symbol: 'cached' }])(
    'does not cover one that differs by %j, and is stale where its own is gone',
    (difference) => {
      const other = { ...finding, ...difference };
      expect(audit([other], [exception])).toEqual({
        remaining: [other],
        stale: [{ rule: 'module-state', file: 'src/a.ts', symbol: 'cache' }],
      });
    },
  );
});
