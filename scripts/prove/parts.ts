/** One proof: suites of jest that write what they found to `.local/proof/<name>.json` (test/proof/record.ts). */
export interface Part {
  readonly name: string;
  readonly suites: readonly string[];
  readonly proves: string;
}

/** In the order in which they run. */
export const parts: readonly Part[] = [
  {
    name: 'matrix',
    suites: ['test/proof/matrix.test.ts'],
    proves: 'every route refuses every attack, as if what it names did not exist',
  },
  {
    name: 'noninterference',
    suites: ['test/proof/noninterference.test.ts'],
    proves: 'whatever another tenant does, a tenant is told the same',
  },
];
