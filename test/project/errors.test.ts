import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problems } from '../../src/common/errors.js';

it('docs/errors.md lists exactly the codes and statuses that the application answers with', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` +\| (\d+) +\|/gm)].map(([, code, status]) => [code, Number(status)]);
  const expected = Object.entries(problems).map(([code, { status }]) => [code, status]);
  expect(rows.toSorted()).toEqual(expected.toSorted());
});
