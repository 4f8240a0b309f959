import { ServerProcess } from '../server-process.js';

const scripts = {
  application: 'application.server.ts',
  unisolated: 'unisolated.server.ts',
  requestScope: 'request-scope.server.ts',
  clsProxy: 'cls-proxy.server.ts',
  bare: 'bare.server.ts',
} as const;

/** Every way to serve the same projects, each in a process of its own. */
export type Servers = Readonly<Record<keyof typeof scripts, ServerProcess>>;

/** @throws Error when one does not start; the others are stopped then */
export async function startServers(unisolatedUrl: string): Promise<Servers> {
  const names = Object.keys(scripts) as (keyof typeof scripts)[];
  const environment = {
    UNISOLATED_DATABASE_URL: unisolatedUrl,
    CACHE_COMMAND_TIMEOUT_MS: '10000', // on a busy machine a usual one would turn a hit into a miss
  };
  const starting = names.map((name) => ServerProcess.start(scripts[name], environment));
  const outcomes = await Promise.allSettled(starting);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (failure) {
    await stopAll(started);
    throw failure.reason;
  }
  return Object.fromEntries(names.map((name, index) => [name, started[index]])) as Servers;
}

export async function stopAll(servers: readonly ServerProcess[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}
