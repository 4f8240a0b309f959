import type { TenantAccess } from '../database/tenant-access.js';
import { projectsPerTenant } from './databases.js';

interface Project {
  readonly tenantId: string;
  readonly number: number;
}

/** Reads as tenants that are drawn from all of a database. */
export interface Reads {
  readonly one: () => Promise<void>;
  readonly list: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function readsOf(access: TenantAccess, tenantIds: readonly string[]): Reads {
  const anyTenant = () => tenantIds[below(tenantIds.length)] ?? '';
  return {
    one: async () => {
      const [tenantId, number] = [anyTenant(), 1 + below(projectsPerTenant)];
      const where = { tenantId, number };
      expectProject(await access.one(tenantId, ({ project }) => project.findFirst({ where })), tenantId, number);
    },
    list: async () => {
      const tenantId = anyTenant();
      const query = { where: { tenantId }, orderBy: { number: 'desc' }, take: projectsPerTenant } as const;
      const rows = await access.one(tenantId, ({ project }) => project.findMany(query));
      for (let index = 0; index < projectsPerTenant; index++)
        expectProject(rows[index], tenantId, projectsPerTenant - index);
    },
    close: () => access.close(),
  };
}

function expectProject(row: Project | null | undefined, tenantId: string, number: number): void {
  if (row?.tenantId === tenantId && row.number === number) return;
  throw new Error(`WRONG ANSWER: project ${String(number)} of ${tenantId} was asked for: ${JSON.stringify(row)}`);
}

/** A whole number from 0. */
export function below(end: number): number {
  return Math.floor(Math.random() * end);
}
