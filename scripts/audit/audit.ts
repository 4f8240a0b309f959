import type { Finding, Rule } from './finding.js';
import { capturedState } from './rules/captured-state.js';
import { classState } from './rules/class-state.js';
import { globalState } from './rules/global-state.js';
import { memoization } from './rules/memoization.js';
import { moduleState } from './rules/module-state.js';
import { rawClient } from './rules/raw-client.js';
import { unregisteredStore } from './rules/unregistered-store.js';
import type { Source } from './source.js';

const rules = [moduleState, classState, capturedState, globalState, memoization, rawClient, unregisteredStore];

/** Findings that are right and harmless, why, and who answers for that. */
export interface Exception {
  readonly rule: Rule;
  readonly file: string;
  readonly symbols: readonly string[];
  readonly reason: string;
  /** A role. */
  readonly owner: string;
}

type Named = Pick<Finding, 'rule' | 'file' | 'symbol'>;

/** Everything that any rule finds, in the order of files and lines. */
export function findings(source: Source): Finding[] {
  const found = rules.flatMap((rule) => rule(source));
  return found.sort((one, other) => one.file.localeCompare(other.file) || one.line - other.line);
}

/** The findings that no exception is made for, and the exceptions that nothing is found for any more. */
export function audit(
  found: readonly Finding[],
  exceptions: readonly Exception[],
): { readonly remaining: readonly Finding[]; readonly stale: readonly Named[] } {
  const excepted = exceptions.flatMap(({ rule, file, symbols }) => symbols.map((symbol) => ({ rule, file, symbol })));
  return {
    remaining: found.filter((finding) => !excepted.some((each) => isSame(each, finding))),
    stale: excepted.filter((each) => !found.some((finding) => isSame(each, finding))),
  };
}

function isSame(one: Named, other: Named): boolean {
  return one.rule === other.rule && one.file === other.file && one.symbol === other.symbol;
}
