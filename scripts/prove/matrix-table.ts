import { meanings, signs, type MatrixDetails } from './matrix.js';

/** Routes × attacks for the terminal: a character for each cell, the attacks numbered below. */
export function matrixTable({ attacks, routes }: MatrixDetails): string {
  const width = Math.max(...Object.keys(routes).map((name) => name.length));
  const rows = Object.entries(routes).map(
    ([name, cells]) => `${name.padEnd(width)}  ${cells.map(({ verdict }) => signs[verdict]).join('')}`,
  );
  const tens = attacks.map((_, index) => String(Math.floor((index + 1) / 10) || ' ')).join('');
  const units = attacks.map((_, index) => String((index + 1) % 10)).join('');
  const head = [tens, units].map((digits) => `${' '.repeat(width)}  ${digits}`);
  const legend = attacks.map((name, index) => `${String(index + 1).padStart(2)} ${name}`);
  const key = Object.entries(meanings).map(
    ([verdict, meaning]) => `"${signs[verdict as keyof typeof signs]}" ${meaning}`,
  );
  return [...head, ...rows, '', ...inColumns(legend, 3), '', key.join('   ')].join('\n');
}

function inColumns(texts: readonly string[], columns: number): string[] {
  const height = Math.ceil(texts.length / columns);
  const width = Math.max(...texts.map((text) => text.length)) + 2;
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: columns }, (__, column) => (texts[column * height + row] ?? '').padEnd(width))
      .join('')
      .trimEnd(),
  );
}
