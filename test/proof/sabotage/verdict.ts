import { stripVTControlCharacters } from 'node:util';
import type { Sabotage } from './sabotage.js';
import type { Assertion } from './named-tests.js';

/**
 * red       the named test failed, by something it expected
 * survived  it passed: nobody would have noticed
 * broken    it did not get as far as to expect anything: a file that does not load proves nothing
 * baseless  it does not pass without the sabotage either, or there is no such test
 */
export type Verdict = 'red' | 'survived' | 'broken' | 'baseless';

export interface Outcome extends Sabotage {
  readonly verdict: Verdict;
  /** What the test says, in a line. */
  readonly says: string;
  readonly seconds: number;
}

export function isGreen(tests: readonly Assertion[]): boolean {
  const run = tests.filter(({ status }) => status !== 'pending');
  return run.length > 0 && run.every(({ status }) => status === 'passed');
}

export function judge(tests: readonly Assertion[]): Pick<Outcome, 'verdict' | 'says'> {
  if (isGreen(tests)) return { verdict: 'survived', says: '' };
  const messages = tests.flatMap(({ failureMessages }) => failureMessages).map(firstLines);
  const expectation = messages.find((message) => /\bexpect\(.*\)/.test(message));
  if (expectation !== undefined) return { verdict: 'red', says: expectation };
  return { verdict: 'broken', says: messages[0] ?? 'no such test was run' };
}

function firstLines(message: string): string {
  const [text = ''] = stripVTControlCharacters(message).split(/\n\s+at /);
  return text.replaceAll(/\s+/g, ' ').slice(0, 200);
}
