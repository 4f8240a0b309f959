import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/services/local-directory.js';
import { defectsOf, documents } from './documents.js';

it.each(documents)('%s: every link leads somewhere, and every claim of a table has a test', (path) => {
  expect(defectsOf(path, readFileSync(join(projectRoot, path), 'utf8'))).toEqual([]);
});

it('the documents are those that are read first, and every one below docs/', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/threat-model.md']));
  expect(documents.filter((path) => path.startsWith('docs/adr/')).length).toBeGreaterThan(20);
});

it.each(['README.md', 'docs/threat-model.md', 'docs/proof.md'])(
  '%s: without its links no row would be proven',
  (path) => {
    const text = readFileSync(join(projectRoot, path), 'utf8').replaceAll(/\]\([^)]*test[^)]*\)/g, ']()');
    expect(defectsOf(path, text).length).toBeGreaterThan(5);
  },
);

it.each(['interleavings', 'sabotage'])('docs/proof.md has the figures of the run that is recorded: %s', (part) => {
  const read = (path: string) => readFileSync(join(projectRoot, 'docs', path), 'utf8');
  const { counts } = JSON.parse(read(`proof/${part}.json`)) as { counts: Record<string, number> };
  const sentence = read('proof.md')
    .split('\n\n')
    .find((paragraph) => paragraph.includes(`(proof/${part}.json)`));
  const figures = [...(sentence ?? '').matchAll(/\d[\d,]*\d/g)].map(([figure]) => Number(figure.replaceAll(',', '')));
  expect(figures.length).toBeGreaterThan(1);
  for (const figure of figures) expect(Object.values(counts)).toContain(figure);
});

const table = (test: string) => `| What would leak | Test that turns red |\n| --- | --- |\n| all of it | ${test} |\n`;

it.each([
  ['a file that is gone', '[gone](test/gone.test.ts)', 'leads nowhere: test/gone.test.ts'],
  ['a heading that is gone', '[limits](docs/threat-model.md#gone)', 'leads nowhere: docs/threat-model.md#gone'],
  ['a heading of its own that is gone', '# Here\n[there](#there)', 'leads nowhere: #there'],
  ['a picture that is gone', '![plot](docs/gone.svg)', 'leads nowhere: docs/gone.svg'],
  [
    'a title that was changed',
    '[errors](test/project/errors.test.ts) "exactly the codes", "gone"',
    'no test in test/project/errors.test.ts says: gone',
  ],
  ['a row without a test', table(''), 'no test stands for: all of it'],
  ['a row that says so without a link', table('errors.test.ts'), 'no test stands for: all of it'],
  ['a row whose link is no test', table('[problem](test/features/problem.ts)'), 'no test stands for: all of it'],
  ['a row whose folder has no test', table('[support](test/support)'), 'no test stands for: all of it'],
  ['a row that is not covered, and does not say why', table('not covered:'), 'no test stands for: all of it'],
])('found: %s', (_, text, defect) => {
  expect(defectsOf('README.md', text)).toEqual([defect]);
});

it.each([
  ['a file, from where the document lies', 'docs/errors.md', '[errors](../test/project/errors.test.ts)'],
  ['a heading', 'README.md', '[limits](docs/threat-model.md#known-limits)'],
  ['a heading of its own', 'README.md', '# Right here\n[there](#right-here)'],
  ['what another site has', 'README.md', '[there](https://example.com/gone)'],
  ['a title as it is', 'README.md', '[errors](test/project/errors.test.ts) "exactly the codes"'],
  ['a row with its test', 'README.md', table('[errors](test/project/errors.test.ts)')],
  ['a row with a folder of tests', 'README.md', table('[project](test/project)')],
  ['a row that is not covered', 'README.md', table('not covered: there is no such thing')],
  ['a row of another table', 'README.md', '| folder | what it is |\n| --- | --- |\n| src | all of it |\n'],
])('not complained of: %s', (_, path, text) => {
  expect(defectsOf(path, text)).toEqual([]);
});
