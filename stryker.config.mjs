// Mutants of a room's files, each held against the room's suites: npm run mutants -- --mutate src/isolation/cache/envelope.ts
import { jestNodeArguments } from './scripts/services/jest.ts';

const [, files = ''] = / --mutate[ =](\S+)/.exec(process.argv.join(' ')) ?? [];
const rooms = [...new Set(files.split(',').map((file) => /^src\/isolation\/(\w+)\//.exec(file)?.[1]))];
if (rooms.length !== 1 || !rooms[0])
  throw new Error('Say of which files of one room: npm run mutants -- --mutate src/isolation/cache/envelope.ts,src/…');

export default {
  testRunner: 'jest',
  testRunnerNodeArgs: [...jestNodeArguments],
  jest: {
    configFile: 'jest.config.ts',
    enableFindRelatedTests: false, // every suite starts the application, and so is related to everything
    config: { testMatch: [`<rootDir>/test/isolation/${rooms[0]}/*.test.ts`], testTimeout: 10_000 },
  },
  coverageAnalysis: 'off', // of a suite that starts the application all is covered
  concurrency: 2,
  timeoutMS: 10_000,
  ignorePatterns: ['.local', 'dist', 'docs'],
  disableTypeChecks: false, // they are the compiler's, which does not run here
  tempDirName: '.local/stryker',
  reporters: ['clear-text'],
  clearTextReporter: { logTests: false, reportTests: false },
};
