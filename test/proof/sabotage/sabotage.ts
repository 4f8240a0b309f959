import { join } from 'node:path/posix';

/** A test, by its file and a part of its full name. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** One guard taken away, and the test that must notice. */
export interface Sabotage {
  readonly guard: string;
  /** In a copy of the project: the text must stand in the file once. Or, as the superuser, in a copy of the database. */
  readonly breaks:
    { readonly file: string; readonly text: string; readonly replacement: string } | { readonly sql: string };
  readonly red: NamedTest;
}

type Row = readonly [guard: string, file: string, text: string, replacement: string, suite: string, title: string];

/**
 * Sabotages of one folder.
 * @param source where the files are
 * @param tests where the suites are, each named without `.test.ts`
 */
export function sabotagesOf(source: string, tests: string, rows: readonly Row[]): Sabotage[] {
  return rows.map(([guard, file, text, replacement, suite, title]) => ({
    guard,
    breaks: { file: join(source, file), text, replacement },
    red: { file: join(tests, `${suite}.test.ts`), title },
  }));
}
