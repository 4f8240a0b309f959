import { jest } from './jest.js';

/** What scripts/run.mjs is given the name of: a program, and the services it needs. */
export interface Task {
  /** 'run': own servers, data deleted at the end; 'kept': data survives, one run at a time. */
  readonly lifetime: 'run' | 'kept';
  readonly seed?: true;
  /**
   * Whether it may use the servers of `.env`. Tests attack a database as its superuser, and the demo's passwords are public:
   * other tasks use servers of yours only if they are told so by name, DATABASE_URL=… npm test.
   */
  readonly readsDotEnv?: true;
  /** It leaves children behind when it is ended: it is given a process group, which can be ended whole. */
  readonly hasChildren?: true;
  /** Of its PostgreSQL, if not PostgreSQL's default. */
  readonly sharedBuffers?: string;
  /** Arguments of node. */
  readonly run: readonly string[];
  /** Arguments of another one, which runs until the first ends. */
  readonly beside?: readonly string[];
}

const typescript = ['--disable-warning=ExperimentalWarning', '--import', '@swc-node/register/esm-register'];
export const databaseCommand = [...typescript, 'scripts/database/cli.ts'];
export const tasks: Record<string, Task> = {
  demo: { lifetime: 'run', seed: true, run: [...typescript, 'demo/main.ts'] },
  dev: {
    lifetime: 'kept',
    seed: true,
    readsDotEnv: true,
    hasChildren: true,
    run: ['node_modules/@nestjs/cli/bin/nest.js', 'start', '--watch'],
    beside: ['--watch', '--watch-preserve-output', ...typescript, 'src/worker.ts'],
  },
  test: { lifetime: 'run', run: jest },
  prove: { lifetime: 'run', hasChildren: true, run: [...typescript, 'scripts/prove/main.ts'] },
  mutants: { lifetime: 'run', run: ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run'] },
  // Room for the largest database it makes: as whoever has that much data would size the server. The default holds a seventh of it.
  bench: { lifetime: 'run', sharedBuffers: '1GB', run: [...typescript, 'bench/main.ts'] },
  drift: { lifetime: 'run', run: [...databaseCommand, 'drift'] },
  migration: { lifetime: 'run', run: [...databaseCommand, 'create'] },
};
