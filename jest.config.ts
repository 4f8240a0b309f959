import type { Config } from 'jest';

/** What takes servers away, or needs one more: `npm run prove -- faults`, and nothing else, runs it. */
const faults = ['<rootDir>/test/proof/faults/', '/(outage|faults)\\.test\\.ts$'];

/** Run through `npm test`, which brings up the services first. */
const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(process.env['PROOF_LONG'] ? [] : faults)],
  setupFiles: ['<rootDir>/test/support/setup.ts'],
  maxWorkers: 3, // one more than the cores of a small machine: suites wait for servers and processes
  testTimeout: 60_000, // only so that a test that hangs ends; none of them measures time
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'nodenext' },
      },
    ],
  },
};

export default config;
