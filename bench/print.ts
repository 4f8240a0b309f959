import { extremes, figure, hundredths, mark, settingText, targetsTitle, verdictText } from './figures.js';
import { allVerdicts, type Report, type Row, type Spread } from './report.js';

export function print(report: Report): void {
  console.log(`\n${report.title}\n${settingText(report)}\n`);
  const header = ['', 'median [min–max]', 'ratio to a [min–max]', 'target', 'CPU: cores, µs per operation'];
  printTable([header, ...report.rows.map(cells)]);
}

/** Every target of the run in one place: several reports make more lines than a screen has. */
export function printTargets(reports: readonly Report[]): void {
  const verdicts = allVerdicts(reports);
  if (verdicts.length === 0) return;
  console.log(`\n${targetsTitle(verdicts)}\n`);
  printTable([
    ['', 'report', 'contestant', 'unit', 'target', 'measured'],
    ...verdicts.map(({ title, contestant, unit, isReached, target, measured }) => [
      mark(isReached),
      ...[title, contestant, unit, target, figure(measured)],
    ]),
  ]);
}

function cells({ contestant, unit, ratio, verdicts, cpu = [], ...speed }: Row): string[] {
  return [
    contestant,
    `${range(speed, figure)} ${unit}`,
    ratio ? range(ratio, hundredths) : '',
    verdicts.map(verdictText).join(', '),
    cpu.map((use) => `${use.meter} ${hundredths(use.cores)}, ${figure(use.microsecondsPerOperation)}`).join('; '),
  ];
}

function range(spread: Spread, format: (value: number) => string): string {
  return `${format(spread.median)} [${extremes(spread, format)}]`;
}

/** The first line is the header; a column with nothing else in it is left out. */
function printTable(lines: readonly (readonly string[])[]): void {
  const [header = [], ...body] = lines;
  const isUsed = header.map((_, column) => body.some((line) => line[column] !== ''));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    const padded = line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).filter((_, column) => isUsed[column]);
    console.log(`  ${padded.join('   ')}`.trimEnd());
  }
}
