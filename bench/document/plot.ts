import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { hundredths } from '../figures.js';
import type { Report, Row, Verdict } from '../report.js';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const colours = { reference: '#6e7781', reached: '#2f6fde', missed: '#e16f24', untargeted: '#b9c6d6' };
const ink = '#24292f';
const barWidth = 400;
const characterWidth = 6.4;

/** The ratios of every report that has some, as SVG; undefined if none has. White behind: a page may be dark. */
export async function plot(reports: readonly Report[]): Promise<string | undefined> {
  const compared = reports.filter(({ rows }) => rows.some(({ ratio }) => ratio));
  if (compared.length === 0) return undefined;
  const names = compared.flatMap(({ rows }) => rows.map(({ contestant }) => contestant));
  const nameWidth = characterWidth * Math.max(...names.map(({ length }) => length));
  const specification: TopLevelSpec = {
    background: 'white',
    padding: 16,
    spacing: 24,
    config: {
      font: 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif',
      view: { stroke: null },
      title: { anchor: 'start', fontSize: 14, subtitleFontSize: 12, color: ink, subtitleColor: '#57606a', offset: 8 },
      axis: { labelFontSize: 12, labelColor: ink, title: null, domain: false, ticks: false },
      axisX: { grid: true, gridColor: '#e4e8ec', tickCount: 5, labelFlush: false },
      axisY: { labelAlign: 'left', labelLimit: 0, labelPadding: nameWidth, minExtent: nameWidth },
    },
    vconcat: compared.map(panel),
  };
  return new View(parse(compile(specification).spec), { renderer: 'none' }).toSVG();
}

function panel({ title, rows }: Report): Panel {
  const units = [...new Set(rows.map(({ unit }) => unit))];
  const better = units.every((unit) => unit.endsWith('/s')) ? 'more is better' : 'less is better';
  const bars = rows.flatMap(bar);
  const bounds = rows.flatMap(({ verdicts }) => verdicts.flatMap(boundInTermsOfFirst));
  // Up to the highest median: one disturbed round would press all bars flat. A longer line ends at the edge.
  const end = 1.2 * Math.max(...bars.map(({ median }) => median), ...bounds.map(({ bound }) => bound));
  return {
    title: { text: title, subtitle: `${units.join(', ')}, ratio to a: ${better}` },
    width: barWidth,
    height: { step: 22 },
    layer: [
      {
        data: { values: bars },
        encoding: { y: { field: 'contestant', sort: null } },
        layer: [
          {
            mark: { type: 'bar', height: { band: 0.64 } },
            encoding: {
              x: { field: 'median', type: 'quantitative', scale: { domain: [0, end], clamp: true } },
              color: { field: 'colour', scale: null },
            },
          },
          {
            mark: { type: 'rule', color: ink },
            encoding: { x: { field: 'minimum', type: 'quantitative' }, x2: { field: 'maximum' } },
          },
          {
            mark: { type: 'text', align: 'left', fontSize: 12, color: ink },
            encoding: { x: { value: barWidth + 12 }, text: { field: 'label' } },
          },
        ],
      },
      {
        data: { values: bounds },
        mark: { type: 'rule', color: ink, strokeDash: [4, 3] },
        encoding: { x: { field: 'bound', type: 'quantitative' } },
      },
    ],
  };
}

function bar({ contestant, ratio, verdicts }: Row, index: number) {
  if (!ratio) return [];
  const isMissed = verdicts.some(({ isReached }) => !isReached);
  const kind = index === 0 ? 'reference' : isMissed ? 'missed' : verdicts.length > 0 ? 'reached' : 'untargeted';
  const mark = { reference: '', untargeted: '', missed: ' ✘', reached: ' ✔' }[kind];
  return [{ contestant, ...ratio, label: hundredths(ratio.median) + mark, colour: colours[kind] }];
}

/** The figure in "≥ 0.95 × a". A target in terms of another contestant has no place of its own on the axis. */
function boundInTermsOfFirst({ target }: Verdict) {
  const [, bound] = /([\d.]+) × a$/.exec(target) ?? [];
  return bound === undefined ? [] : [{ bound: Number(bound) }];
}
