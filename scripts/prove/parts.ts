/** One proof: suites of jest, which may write what they found to `.local/proof/<name>.json` (test/proof/record.ts). */
export interface Part {
  readonly name: string;
  /** Paths as jest takes them. */
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
  {
    name: 'interleavings',
    suites: ['test/proof/interleavings.test.ts'],
    proves: 'in whatever order things happen, a tenant reads its own last write, and what has ended stays so',
  },
  {
    name: 'row-level-security',
    suites: ['test/proof/row-level-security/'],
    proves: 'no way past the policies that is known leads past them here',
  },
  {
    name: 'faults',
    suites: [
      'test/proof/faults/',
      'test/isolation/.*/(outage|faults)\\.test\\.ts',
      'test/isolation/database/pool.test.ts',
    ],
    proves: 'whatever is killed, cut off or full: nothing leaks, and nothing that was accepted is lost',
  },
  {
    name: 'sabotage',
    suites: ['test/proof/sabotage.test.ts'],
    proves: 'each guard, taken away, is missed by the test that is named for it',
  },
];
