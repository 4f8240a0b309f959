import { ServerProcess } from '../server-process.js';

interface Server {
  readonly script: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly output?: 'ignore';
}

const application: Server = { script: 'application.server.ts' };

/** Every way to serve the same projects: what differs is how the tenant is carried. */
export const carryingServers = {
  application,
  unisolated: { script: 'unisolated.server.ts' },
  requestScope: { script: 'request-scope.server.ts' },
  clsProxy: { script: 'cls-proxy.server.ts' },
  bare: { script: 'bare.server.ts' },
} satisfies Record<string, Server>;

/** The application: what differs is what it tells of each request, and whom. */
export const tellingServers = {
  silent: application,
  recorded: { ...application, environment: { LOG_LEVEL: 'log' }, output: 'ignore' },
  traced: { script: 'traced.server.ts' },
} satisfies Record<string, Server>;

/** Each in a process of its own. */
export type Servers<Name extends string> = Readonly<Record<Name, ServerProcess>>;

/** @throws Error when one does not start; the others are stopped then */
export async function startServers<Name extends string>(
  servers: Readonly<Record<Name, Server>>,
  unisolatedUrl: string,
): Promise<Servers<Name>> {
  const shared = {
    UNISOLATED_DATABASE_URL: unisolatedUrl,
    CACHE_COMMAND_TIMEOUT_MS: '10000', // on a busy machine a usual one would turn a hit into a miss
  };
  const starting = Object.values<Server>(servers).map(({ script, environment, output }) =>
    ServerProcess.start(script, { ...shared, ...environment }, output),
  );
  const outcomes = await Promise.allSettled(starting);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (failure) {
    await stopAll(started);
    throw failure.reason;
  }
  return Object.fromEntries(Object.keys(servers).map((name, index) => [name, started[index]])) as Servers<Name>;
}

export async function stopAll(servers: readonly ServerProcess[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}
