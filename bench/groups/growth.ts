import { latencyReports, raceLatencies, type Latencies, type LatencyTarget } from '../latency.js';
import type { Options } from '../options.js';
import type { Report } from '../report.js';
import { ours } from '../support/database/ours.js';
import { unisolated } from '../support/database/unisolated.js';
import { CachedProjects, redisUrlOf } from '../support/growth/cached-projects.js';
import {
  createGrowthDatabases,
  projectsPerTenant,
  removeGrowthDatabases,
  type GrowthDatabase,
} from '../support/growth/databases.js';
import { pagesReport } from '../support/growth/pages.js';
import { heapReport, redisReport, type Heap } from '../support/growth/memory.js';
import { readsOf } from '../support/growth/reads.js';
import { redisBytes } from '../support/growth/redis-bytes.js';
import { removeCachedOfMarkedTenants } from '../support/marked-tenants.js';

const sizes = { full: [10, 1000, 100_000], quick: [10, 100, 1000] } as const;
/** Of the 50th percentile, with the most tenants to with the fewest. */
const targets: readonly LatencyTarget[] = [{ percentile: 'p50', contestant: sizes.full.length - 1, atMost: 1.1 }];
/** Requests of the first tenants, after which the server's code is compiled and its heap grows no more by itself. */
const servedBeforeFirstHeap = 5000;

interface Growth {
  readonly databases: readonly GrowthDatabase[];
  readonly setting: Report['setting'];
  readonly options: Options;
}

/** What operations take with few and with many tenants, and what each tenant and cached project leaves in memory. */
export async function growth(options: Options): Promise<readonly Report[]> {
  await remove(); // what a run that was killed has left
  try {
    const start = performance.now();
    const databases = await createGrowthDatabases(options.isQuick ? sizes.quick : sizes.full);
    const setting = {
      'projects per tenant': projectsPerTenant,
      'the largest database': databases.at(-1)?.size ?? '',
      shared_buffers: databases.at(-1)?.sharedBuffers ?? '',
      'seconds to make them all': (performance.now() - start) / 1000,
      'in flight': 1,
    };
    const grown = { databases, setting, options };
    return [...(await databaseReads(grown)), await pagesReport(databases), ...(await cachedReads(grown))];
  } finally {
    await remove();
  }
}

async function remove(): Promise<void> {
  await removeGrowthDatabases();
  for (const index of sizes.full.keys()) await removeCachedOfMarkedTenants(redisUrlOf(index + 1));
}

/** Beside the same without isolation: a larger table alone has a deeper index, and fits fewer caches. */
async function databaseReads(grown: Growth): Promise<readonly Report[]> {
  const { databases, options } = grown;
  const isolated = databases.map(({ address, tenantIds }) => readsOf(ours(address), tenantIds));
  const plain = databases.map(({ address, tenantIds }) =>
    readsOf(unisolated(address, 'prepared, generic plans'), tenantIds),
  );
  const all = [...isolated, ...plain];
  const compare = async (title: string, operation: 'one' | 'list') => {
    const operations = all.map((reads) => reads[operation]);
    const latencies = await raceLatencies(operations, options);
    return [
      ...reportsOf(grown, `Growth: ${title}`, latencies.slice(0, isolated.length), targets),
      ...reportsOf(grown, `Growth without isolation: ${title}`, latencies.slice(isolated.length), []),
    ];
  };
  try {
    return [...(await compare('read one project', 'one')), ...(await compare('list 20 projects', 'list'))];
  } finally {
    for (const { close } of all) await close();
  }
}

async function cachedReads(grown: Growth): Promise<readonly Report[]> {
  const { databases, options } = grown;
  const servers: CachedProjects[] = [];
  try {
    const heaps: Heap[] = [];
    // The largest first: serving all of it takes longer than a server keeps connections that nobody uses.
    for (const [index, database] of [...databases.entries()].toReversed()) {
      const server = await CachedProjects.open(database, redisUrlOf(index + 1));
      servers.unshift(server);
      if (servers.length === 1) heaps.push(...(await heapsWhileServing(server, databases.map(tenantsOf))));
      else await server.serve(tenantsOf(database));
    }
    const operations = servers.map((server) => () => server.readAny());
    const latencies = await raceLatencies(operations, options);
    const largest = last(servers);
    const heapLater = { tenants: last(heaps).tenants, bytes: await largest.heapBytes() };
    return [
      ...reportsOf(grown, 'Growth: GET a cached project', latencies, targets),
      heapReport(heaps, heapLater, !options.isQuick),
      redisReport(await redisBytes(largest.redisUrl, await largest.example())),
    ];
  } finally {
    for (const server of servers) await server.close();
  }
}

/** @returns what is on the server's heap once it has served so many tenants */
async function heapsWhileServing(server: CachedProjects, steps: readonly number[]): Promise<readonly Heap[]> {
  const heaps: Heap[] = [];
  for (const [index, tenants] of steps.entries()) {
    await server.serve(tenants);
    if (index === 0) for (let count = 0; count < servedBeforeFirstHeap; count++) await server.readAny();
    heaps.push({ tenants, bytes: await server.heapBytes() });
  }
  return heaps;
}

function reportsOf(
  { databases, setting }: Growth,
  title: string,
  latencies: readonly Latencies[],
  aims: readonly LatencyTarget[],
): readonly Report[] {
  const contestants = databases.map((database, index) => ({
    name: `${tenantsOf(database).toLocaleString('en-US')} tenants`,
    latencies: latencies[index] ?? [],
  }));
  return latencyReports({ title, setting, contestants, targets: aims });
}

function tenantsOf({ tenantIds }: GrowthDatabase): number {
  return tenantIds.length;
}

function last<T>(items: readonly T[]): T {
  return items[items.length - 1] as T;
}
