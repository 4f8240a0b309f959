import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readResults } from '../results.js';
import { descriptions } from './descriptions.js';
import { markdown, type Group } from './markdown.js';
import { plot } from './plot.js';

const docs = join(import.meta.dirname, '../../docs');
const page = 'performance.md';
/** Holds generated files only. */
const plots = 'performance';

/** Writes docs/performance.md and its plots from what is in bench/results. */
export async function writeDocument(): Promise<void> {
  rmSync(join(docs, plots), { recursive: true, force: true });
  mkdirSync(join(docs, plots));
  for (const [file, content] of await generate()) writeFileSync(join(docs, file), content);
}

/** @throws Error naming the files that are not what bench/results gives */
export async function checkDocument(): Promise<void> {
  const wanted = await generate();
  const present = existsSync(join(docs, plots)) ? readdirSync(join(docs, plots)).map((file) => join(plots, file)) : [];
  const differs = (file: string) =>
    !existsSync(join(docs, file)) || readFileSync(join(docs, file), 'utf8') !== wanted.get(file);
  const wrong = [...new Set([...wanted.keys(), ...present])].filter(differs);
  if (wrong.length === 0) return;
  const names = wrong.map((file) => join('docs', file)).join(', ');
  throw new Error(`Not what bench/results gives: ${names}. Run: npm run bench:document`);
}

/** File contents by path below docs. */
async function generate(): Promise<ReadonlyMap<string, string>> {
  const results = readResults();
  const unknown = [...results.keys()].filter((name) => !(name in descriptions));
  if (unknown.length > 0)
    throw new Error(`Say in bench/document/descriptions.ts what is compared in: ${unknown.join(', ')}`);
  const files = new Map<string, string>();
  const groups: Group[] = [];
  for (const [name, description] of Object.entries(descriptions)) {
    const result = results.get(name);
    if (!result) continue;
    const image = await plot(result.reports);
    const path = `${plots}/${name}.svg`;
    if (image) files.set(path, image);
    groups.push({ ...description, ...result, ...(image && { plot: path }) });
  }
  return files.set(page, markdown(groups));
}
