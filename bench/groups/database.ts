import type { Pace } from '../options.js';
import type { Report } from '../report.js';
import { compareOperations } from '../support/database/compare.js';
import { allContestants, usualContestants } from '../support/database/contestants.js';
import { DelayingProxy } from '../support/database/delaying-proxy.js';
import { createDatabaseWorld, type DatabaseWorld } from '../support/database/world.js';
import { requiredVariable } from '../support/environment.js';

/** PostgreSQL on this machine, kept busy. */
const near = { connections: 8, inFlight: 16 };
/**
 * A network between. Nobody waits for a connection, which would be waiting for other operations'
 * round trips on top of one's own: two for each operation in flight, because Prisma reads two relations
 * at once. As many in flight as keep this process at work without filling it.
 */
const far = { connections: 32, inFlight: 16 };
const oneWayMs = 2;

/** What isolation costs the operations of an application, beside PostgreSQL and away from it. */
export async function databaseOperations(pace: Pace): Promise<readonly Report[]> {
  const world = await createDatabaseWorld();
  try {
    return [...(await beside(world, pace)), ...(await away(world, pace))];
  } finally {
    await world.remove();
  }
}

function beside(world: DatabaseWorld, pace: Pace): Promise<readonly Report[]> {
  const { connections, inFlight } = near;
  const address = {
    applicationUrl: requiredVariable('DATABASE_URL'),
    unisolatedUrl: world.unisolatedUrl,
    connections,
  };
  const contestants = allContestants(address);
  return compareOperations({ title: 'Database', address, inFlight, contestants, setting: {} }, world, pace);
}

async function away(world: DatabaseWorld, full: Pace): Promise<readonly Report[]> {
  const { connections, inFlight } = far;
  const proxy = await DelayingProxy.start(requiredVariable('DATABASE_URL'), oneWayMs);
  const address = {
    applicationUrl: proxy.through(requiredVariable('DATABASE_URL')),
    unisolatedUrl: proxy.through(world.unisolatedUrl),
    connections,
  };
  const contestants = usualContestants(address);
  const setting = { delay: `${String(oneWayMs)} ms each way, by a TCP proxy in a process of its own` };
  // Half as long: waiting varies less than work.
  const pace = { ...full, warmUpMs: full.warmUpMs / 2, sampleMs: full.sampleMs / 2 };
  try {
    return await compareOperations({ title: 'Database, away', address, inFlight, contestants, setting }, world, pace);
  } finally {
    await proxy.stop();
  }
}
