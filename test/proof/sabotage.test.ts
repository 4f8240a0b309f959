import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/services/local-directory.js';
import { catalogue } from './sabotage/catalogue.js';
import { events, keyFiles, macs, read, refusing, registries } from './sabotage/guards.js';
import type { Sabotage } from './sabotage/sabotage.js';

// `npm run prove -- sabotage` takes each guard away and looks for the red test. Here: that none is left out.

let sabotages: readonly Sabotage[];
beforeAll(async () => {
  sabotages = await catalogue();
});

const sabotagedFiles = () => new Set(sabotages.flatMap(({ breaks }) => ('file' in breaks ? [breaks.file] : [])));
const guards = () => sabotages.map(({ guard }) => guard);

it('each sabotage changes a text that stands in its file once, and names a suite that there is', () => {
  const wrong = sabotages.filter(
    ({ breaks, red }) =>
      !existsSync(join(projectRoot, red.file)) ||
      ('file' in breaks && (read(breaks.file).split(breaks.text).length !== 2 || breaks.text === breaks.replacement)),
  );
  expect(wrong.map(({ guard }) => guard)).toEqual([]);
});

it('each guard is called otherwise than every other', () => {
  expect(guards().toSorted()).toEqual([...new Set(guards())].toSorted());
});

it('every file of a room that refuses anything is sabotaged', () => {
  expect(refusing.length).toBeGreaterThan(20);
  expect(refusing.filter((path) => !sabotagedFiles().has(path))).toEqual([]);
});

it('every alarm is silenced once', () => {
  expect(events.length).toBeGreaterThan(8);
  expect(events.filter((event) => !guards().includes(event))).toEqual([]);
});

it.each([
  ['registry', registries],
  ['MAC', macs],
  ['key', keyFiles],
])('every %s is sabotaged in the file that makes it', (_, files) => {
  expect(files.length).toBeGreaterThan(2);
  expect(files.filter((path) => !sabotagedFiles().has(path))).toEqual([]);
});

it('policies, FORCE and rights are read from the catalogs, each table’s', () => {
  for (const guard of [
    'policy projects.tenant_rows',
    'policy projects.tenant_guard',
    'policy users.login_reads',
    'FORCE users',
    'policies of tasks together',
    'grants: app may not DELETE counters',
  ])
    expect(guards()).toContain(guard);
});
