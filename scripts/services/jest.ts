/**
 * Arguments of a node that runs jest. Every suite loads all modules anew: with the usual young generation a tenth of
 * its time goes to the garbage collector.
 */
export const jestNodeArguments: readonly string[] = [
  '--max-semi-space-size=128',
  '--min-semi-space-size=64',
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
];

/** The same, and jest: its own arguments follow. */
export const jest: readonly string[] = [...jestNodeArguments, 'node_modules/jest/bin/jest.js'];
