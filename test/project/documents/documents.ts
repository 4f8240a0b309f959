import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, matchesGlob, relative } from 'node:path';
import { projectRoot } from '../../../scripts/services/local-directory.js';
import jest from '../../../jest.config.js';

/** Every document, by its path in the project. */
export const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: projectRoot }).toSorted();

/**
 * What is wrong with a document: links that lead nowhere, quoted titles that no test has, and claims of a table that no test
 * stands for. A table makes claims when a column of it begins with "Test"; a row of it may say "not covered: why" instead.
 * @param path where the document lies in the project: links are relative to it
 */
export function defectsOf(path: string, text: string): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  return [...deadLinks(path, prose), ...unknownTitles(path, prose), ...unprovenRows(path, prose)];
}

function deadLinks(path: string, text: string): string[] {
  return targetsIn(text)
    .filter((target) => {
      const [, anchor] = target.split('#');
      const file = fileOf(path, target);
      if (!existsSync(join(projectRoot, file))) return true;
      return anchor !== undefined && !anchorsOf(file === path ? text : readIfThere(file)).includes(anchor);
    })
    .map((target) => `leads nowhere: ${target}`);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** `[file](file.test.ts) "words", "words"`: the words stand in titles of its tests. */
function unknownTitles(path: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+\.test\.ts)\)((?:,? "[^"]+")+)/g)].flatMap(([, target = '', quotes = '']) => {
    const source = readIfThere(fileOf(path, target));
    return [...quotes.matchAll(/"([^"]+)"/g)]
      .map(([, words = '']) => words)
      .filter((words) => !source.includes(words))
      .map((words) => `no test in ${target} says: ${words}`);
  });
}

function unprovenRows(path: string, text: string): string[] {
  return [...text.matchAll(/^\|.*\|\n\| ?-.*\|\n(?:\|.*\|\n?)*/gm)].flatMap(([table]) => {
    const [head = [], , ...rows] = table.trim().split('\n').map(cellsOf);
    const column = head.findIndex((name) => name.startsWith('Test'));
    return rows
      .filter((cells) => column >= 0 && !isSubheading(cells) && !isProven(path, cells[column] ?? ''))
      .map(([claim = '']) => `no test stands for: ${claim}`);
  });
}

const cellsOf = (row: string) => row.split('|').slice(1, -1).map((cell) => cell.trim()); // prettier-ignore
const isSubheading = ([first = '', ...others]: readonly string[]) => first.startsWith('**') && others.at(-1) === '';

function isProven(path: string, cell: string): boolean {
  if (/^not covered: ./.test(cell)) return true;
  return targetsIn(cell).some((target) => testsAt(fileOf(path, target)).some(hasTests));
}

/** The file, or all files below the folder, that jest runs. */
function testsAt(file: string): string[] {
  if (!existsSync(join(projectRoot, file))) return [];
  const isFolder = statSync(join(projectRoot, file)).isDirectory();
  const files = isFolder ? globSync(`${file}/**/*`, { cwd: projectRoot }) : [file];
  const patterns = [jest.testMatch ?? []].flat().map((pattern) => pattern.replace('<rootDir>/', ''));
  return files.filter((each) => patterns.some((pattern) => matchesGlob(each, pattern)));
}

const hasTests = (file: string) => /^\s*it(\.each)?[(<]/m.test(readIfThere(file));

/** Relative ones only: what other sites have is theirs. */
function targetsIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target).filter((each) => !/^\w+:/.test(each));
}

function fileOf(path: string, target: string): string {
  const [file = ''] = target.split('#');
  return file === '' ? path : relative(projectRoot, join(projectRoot, dirname(path), file));
}

function readIfThere(file: string): string {
  const path = join(projectRoot, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
