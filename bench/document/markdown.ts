import { extremes, figure, hundredths, mark, settingText, targetsTitle, verdictText } from '../figures.js';
import { allVerdicts, type Report, type Row } from '../report.js';
import type { Result } from '../results.js';
import type { Description } from './descriptions.js';

export interface Group extends Description, Result {
  /** Path of the image, where there is one. */
  readonly plot?: string;
}

const introduction = `<!-- Generated from bench/results by npm run bench:document, which npm run bench ends with. Not to be edited. -->

# What isolation costs

\`\`\`sh
npm run bench                   # every group; npm run bench -- http  for one of them
npm run bench -- --quick        # a look: printed, not recorded
npm run bench:document          # this page again, from what is recorded in bench/results
\`\`\`

A run starts a PostgreSQL and a Redis of its own. Every answer is checked while it is measured: the right tenant's, and the
right row. A wrong one fails the run, and nothing of that group is recorded. A missed target does not, because machines
differ: it is listed here as missed. Every figure on this page comes from [bench/results](../bench/results).`;

const howToRead = `## How to read it

- Contestants take turns in many short rounds, so that whatever else the machine does meets them alike. A figure is the
  median of the rounds; beside it are the lowest and the highest.
- **ratio to a** compares a contestant with the first of its table, round by round. It is the median of those ratios, and so
  not exactly the ratio of the medians. Compare machines by it. Where its lowest and highest are far apart, the machine was
  busy with something else, and the median is worth less.
- The target **≥ n × a** is reached when that ratio is at least n, **≤ n × a** when it is at most n; with another letter it is
  the ratio to that contestant. What was measured for it stands beside it: a ratio for such a target, for others a value
  in the unit.
- **CPU µs** is processor time for one operation, of all threads: of *this process*, which asks and checks, and is what is
  measured as well where there is no server; of servers; and of the *machine*, which is everything that ran on it.
- In a plot, a bar is the ratio's median, the line on it goes from the lowest to the highest or to the edge, and the dashed
  line is a target. The reference is grey; blue has reached its targets, orange has missed one, pale has none.`;

/** The whole page. */
export function markdown(groups: readonly Group[]): string {
  return `${[introduction, summary(groups), howToRead, ...groups.map(section)].join('\n\n')}\n`;
}

function summary(groups: readonly Group[]): string {
  const verdicts = allVerdicts(groups.flatMap(({ reports }) => reports));
  const rows = verdicts.map(({ title, contestant, unit, target, measured, isReached }) => [
    `[${plain(title)}](#${anchor(title)})`,
    ...[contestant, unit, target, figure(measured)].map(plain),
    isReached ? mark(isReached) : `**${mark(isReached)} missed**`,
  ]);
  return `## ${targetsTitle(verdicts)}\n\n${table(['report', 'contestant', 'unit', 'target', 'measured', ''], rows)}`;
}

function section({ heading, text, notes, date, machine, options, reports, plot }: Group): string {
  const { cpu, cores, memoryGiB, system, node, postgresql, redis } = machine;
  const where = [
    `Recorded ${date.slice(0, 'yyyy-mm-dd'.length)}`,
    `${cpu}, ${String(cores)} cores, ${figure(memoryGiB)} GiB`,
    system,
    `Node ${node}, PostgreSQL ${postgresql}, Redis ${redis}`,
    `pace: ${figure(options.rounds)} rounds of ${figure(options.sampleMs)} ms, after ${figure(options.warmUpMs)} ms of warm-up`,
  ];
  const image = plot ? [`![${heading}: ratios to the reference](${plot})`] : [];
  return [
    `## ${heading}`,
    text,
    where.map(plain).join(' · '),
    ...image,
    ...reports.map((report) => reportSection(report, notes?.[report.title])),
  ].join('\n\n');
}

interface Column {
  readonly header: string;
  readonly cell: (row: Row) => string;
}

function reportSection(report: Report, note?: string): string {
  const { title, rows } = report;
  const meters = new Set(rows.flatMap(({ cpu = [] }) => cpu.map(({ meter }) => meter)));
  const columns: Column[] = [
    { header: 'contestant', cell: ({ contestant }) => contestant },
    { header: 'median', cell: ({ median, unit }) => `${figure(median)} ${unit}` },
    { header: 'min–max', cell: (row) => extremes(row, figure) },
    { header: 'ratio to a', cell: ({ ratio }) => (ratio ? hundredths(ratio.median) : '') },
    { header: 'min–max', cell: ({ ratio }) => (ratio ? extremes(ratio, hundredths) : '') },
    ...[...meters].map((meter) => ({
      header: `CPU µs: ${meter}`,
      cell: ({ cpu = [] }: Row) =>
        cpu.flatMap((use) => (use.meter === meter ? figure(use.microsecondsPerOperation) : [])).join(),
    })),
    { header: 'target', cell: ({ verdicts }) => verdicts.map(verdictText).join('; ') },
  ];
  const used = columns.filter(({ cell }) => rows.some((row) => cell(row) !== ''));
  const header = used.map((column) => column.header);
  return [
    `### ${plain(title)}`,
    ...(note ? [note] : []),
    plain(settingText(report)),
    table(
      header,
      rows.map((row) => used.map(({ cell }) => plain(cell(row)))),
    ),
  ].join('\n\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Titles and names are plain text. */
function plain(text: string): string {
  return text.replaceAll(/[|<*\\]/g, '\\$&').replaceAll(/ +/g, ' ');
}

/** As GitHub makes it of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}_ -]/gu, '')
    .replaceAll(' ', '-');
}
