/**
 * Arguments with which node runs jest, before jest's own. Every suite loads all modules anew: with the usual young
 * generation a tenth of its time goes to the garbage collector.
 */
export const jest: readonly string[] = [
  '--max-semi-space-size=128',
  '--min-semi-space-size=64',
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
