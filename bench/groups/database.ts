import { race, type Contestant } from '../harness.js';
import type { Pace } from '../options.js';
import type { Report } from '../report.js';
import { ours, prismaExtension, setLocalAsText, unisolated, type Reader } from '../support/database-contestants.js';
import { createDatabaseWorld } from '../support/database-world.js';

const tenants = 100;
const projectsPerTenant = 2000;
const connections = 8;
const inFlight = 16;

/** What isolation costs a query: one project by tenant and number. */
export async function databasePointRead(pace: Pace): Promise<readonly Report[]> {
  const world = await createDatabaseWorld(tenants, projectsPerTenant);
  const readers = [
    unisolated(world.unisolatedUrl, connections, 'prepared'),
    unisolated(world.unisolatedUrl, connections, "Prisma's default"),
    ours(connections),
    prismaExtension(connections),
    unisolated(world.unisolatedUrl, connections, 'prepared, generic plans'),
    setLocalAsText(connections),
  ];
  try {
    const contestants = readers.map((reader) => pointRead(reader, world.tenantIds));
    // "prepared, generic plans" is the severest reference: it has everything that ours has, the role's generic plans included.
    const targets = [0, 1, 4].map((against) => ({ contestant: 2, against, atLeast: 0.85 }));
    return [
      {
        title: 'Database: read one project through Prisma',
        setting: { tenants, 'projects per tenant': projectsPerTenant, connections, 'in flight': inFlight },
        rows: await race({ contestants, inFlight, targets }, pace),
      },
    ];
  } finally {
    for (const reader of readers) await reader.close();
    await world.remove();
  }
}

function pointRead({ name, read }: Reader, tenantIds: readonly string[]): Contestant {
  return {
    name,
    operate: async () => {
      const tenantId = tenantIds[Math.floor(Math.random() * tenantIds.length)] ?? '';
      const number = 1 + Math.floor(Math.random() * projectsPerTenant);
      const project = await read(tenantId, number);
      if (project?.tenantId === tenantId && project.number === number) return;
      const answer = project ? `${String(project.number)} of ${project.tenantId}` : 'nothing';
      throw new Error(
        `WRONG ANSWER from "${name}": project ${String(number)} of ${tenantId} was asked for, ${answer} came.`,
      );
    },
  };
}
