import { race, type Contestant } from '../../harness.js';
import type { Pace } from '../../options.js';
import type { Report } from '../../report.js';
import type { Contestants } from './contestants.js';
import { Ledger, type Place } from './ledger.js';
import { operations, pointRead, type Operation } from './operations.js';
import { roundTripMs } from './round-trip.js';
import type { DatabaseAddress } from './tenant-access.js';
import { projectsPerTenant, tenants, type DatabaseWorld } from './world.js';

/** Of isolated to not isolated. */
const target = 0.95;

export interface Scene {
  readonly title: string;
  readonly address: DatabaseAddress;
  readonly inFlight: number;
  readonly contestants: Contestants;
  readonly setting: Report['setting'];
}

/** One report for each operation. */
export async function compareOperations(scene: Scene, world: DatabaseWorld, pace: Pace): Promise<readonly Report[]> {
  const { address, inFlight, contestants } = scene;
  const setting = {
    tenants,
    'projects and tasks per tenant': projectsPerTenant,
    connections: address.connections,
    'in flight': inFlight,
    'ms a round trip': await roundTripMs(address.applicationUrl),
    'ms a sample': pace.sampleMs,
    ...world.durability,
    ...scene.setting,
  };
  const reports: Report[] = [];
  try {
    for (const operation of operations) {
      const rows = await compare(operation, scene, world, pace);
      reports.push({
        title: `${scene.title}: ${operation.title}`,
        setting: { ...setting, ...operation.setting },
        rows,
      });
    }
    return reports;
  } finally {
    for (const { close } of [...contestants.all, ...contestants.furtherReaders]) await close();
  }
}

async function compare(operation: Operation, { inFlight, contestants }: Scene, world: DatabaseWorld, pace: Pace) {
  const accesses = [...contestants.all, ...(operation === pointRead ? contestants.furtherReaders : [])];
  const ledger = new Ledger();
  // Each slot has rows of its own: two writers of one row would wait for each other, and only the database would know who was last.
  const place = (slot: number): Place => ({
    tenantId: world.tenantIds[Math.floor(Math.random() * tenants)] ?? '',
    number: 1 + slot + inFlight * Math.floor(Math.random() * Math.floor(projectsPerTenant / inFlight)),
  });
  const racers = accesses.map((access): Contestant => ({
    name: access.name,
    operate: async (slot) => {
      try {
        await operation.run(access, place(slot), ledger);
      } catch (cause) {
        throw new Error(`"${access.name}", ${operation.title}: ${String(cause)}`, { cause });
      }
    },
  }));
  const targets = contestants.references.map((reference) => ({
    contestant: accesses.indexOf(contestants.ours),
    against: accesses.indexOf(reference),
    atLeast: target,
  }));
  const rows = await race({ contestants: racers, inFlight, targets }, pace);
  await ledger.verify();
  await world.tidy();
  return rows;
}
