import { setTimeout as sleep } from 'node:timers/promises';
import { latencyReports } from '../latency.js';
import type { Pace } from '../options.js';
import { spread, type Report } from '../report.js';
import { Flood } from '../support/neighbour/flood.js';
import { atSteadyRate } from '../support/neighbour/steady-rate.js';
import { kinds, Visitor } from '../support/neighbour/visitor.js';
import { createNeighbourWorld, projectsPerTenant, type NeighbourWorld } from '../support/neighbour/world.js';
import { ServerProcess } from '../support/server-process.js';

/** Requests a second, of each kind in turn. */
const quietRate = { perSecond: 100, atMostUnderWay: Infinity };
/** As many connections as a client that somebody wrote in a hurry would open. */
const floodRate = { perSecond: 20 * quietRate.perSecond, atMostUnderWay: 64 };
/** Of the 99th percentile, beside the flood to alone. */
const target = 1.5;
/** Of a sample of other groups: the 99th percentile of fewer requests would be the slowest of them. */
const windowShare = 16;
/** Part of each window that is run and not counted: the flood has to come up, or to drain. */
const settlingShare = 0.1;

/** Microseconds, of one window, by kind of request. */
type Window = readonly (readonly number[])[];

interface Rounds {
  readonly alone: readonly Window[];
  readonly flooded: readonly Window[];
  /** Of the flood, requests answered a second. */
  readonly answered: readonly number[];
  /** CPU time of the server per elapsed time, beside the flood. */
  readonly cores: readonly number[];
}

/** What a tenant notices of another one that asks 20 times as often, and is held to the default pace. */
export async function noisyNeighbour(pace: Pace): Promise<readonly Report[]> {
  const world = await createNeighbourWorld();
  try {
    const server = await ServerProcess.start('application.server.ts', {
      TENANT_REQUESTS_PER_SECOND: '', // its default: the guard is what is measured
      CACHE_COMMAND_TIMEOUT_MS: '10000', // on a busy machine a usual one would turn a hit into a miss
    });
    try {
      return reportsOf(await measure(world, server, pace));
    } finally {
      await server.stop();
    }
  } finally {
    await world.remove();
  }
}

async function measure(world: NeighbourWorld, server: ServerProcess, pace: Pace): Promise<Rounds> {
  const { port } = server;
  const visitor = new Visitor({ port, member: world.quiet });
  const flood = await Flood.start({ port, member: world.flooding }, floodRate);
  try {
    await visitor.fillCache();
    await window(visitor, pace.warmUpMs);
    const rounds = { alone: [] as Window[], flooded: [] as Window[], answered: [] as number[], cores: [] as number[] };
    const milliseconds = windowShare * pace.sampleMs;
    for (let round = 0; round < pace.rounds; round++) {
      await sleep(settlingShare * milliseconds);
      rounds.alone.push(await window(visitor, milliseconds));
      const start = performance.now();
      const cpuStart = await server.cpuSeconds();
      flood.begin();
      await sleep(settlingShare * milliseconds);
      rounds.flooded.push(await window(visitor, milliseconds));
      const answered = await flood.end();
      const seconds = (performance.now() - start) / 1000;
      rounds.answered.push(answered / seconds);
      rounds.cores.push(((await server.cpuSeconds()) - cpuStart) / seconds);
    }
    return rounds;
  } finally {
    visitor.close();
    await flood.stop();
  }
}

async function window(visitor: Visitor, milliseconds: number): Promise<Window> {
  const latencies = kinds.map((): number[] => []);
  await atSteadyRate(quietRate, AbortSignal.timeout(milliseconds), async (count) => {
    const kind = count % kinds.length;
    const start = performance.now();
    await kinds[kind]?.ask(visitor, count);
    latencies[kind]?.push((performance.now() - start) * 1000);
  });
  return latencies;
}

function reportsOf({ alone, flooded, answered, cores }: Rounds): readonly Report[] {
  const setting = {
    'projects per tenant': projectsPerTenant,
    'requests a second': quietRate.perSecond,
    "the other's requests a second": floodRate.perSecond,
    'of them answered': Math.round(spread(answered).median),
    "cores of the server's then": spread(cores).median,
  };
  return kinds.flatMap(({ name }, kind) => {
    const ofKind = (windows: readonly Window[]) => windows.map((latencies) => latencies[kind] ?? []);
    return latencyReports({
      title: `Noisy neighbour: ${name}`,
      setting,
      contestants: [
        { name: 'alone', latencies: ofKind(alone) },
        { name: 'while another tenant asks 20 times as often', latencies: ofKind(flooded) },
      ],
      targets: [{ percentile: 'p99', contestant: 1, atMost: target }],
    });
  });
}
