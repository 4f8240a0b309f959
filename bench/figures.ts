import type { Report, Spread, Verdict } from './report.js';

/** Three significant digits or more, whole numbers as they are: 1, 0.934, 12.3, 5,120. */
export function figure(value: number): string {
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const hundredths = (value: number): string => value.toFixed(2);

export function extremes({ minimum, maximum }: Spread, format: (value: number) => string): string {
  return `${format(minimum)}–${format(maximum)}`;
}

export const mark = (isReached: boolean): string => (isReached ? '✔' : '✘');

export function verdictText({ target, measured, isReached }: Verdict): string {
  return `${target}: ${figure(measured)} ${mark(isReached)}`;
}

export function targetsTitle(verdicts: readonly Verdict[]): string {
  const reached = verdicts.filter(({ isReached }) => isReached);
  return `Targets: ${String(reached.length)} of ${String(verdicts.length)} reached`;
}

export function settingText({ setting }: Report): string {
  return Object.entries(setting)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? figure(value) : value}`)
    .join(', ');
}
