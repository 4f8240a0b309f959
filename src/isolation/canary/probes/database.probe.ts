import { Injectable } from '@nestjs/common';
import { TenantDatabase, type TenantTransaction } from '../../database/index.js';
import { CanaryProbes, type CanaryProbe } from '../canary-probes.js';
import { canaryProject as number } from '../canary-tenants.js';

/** Rows, as they are read by queries that have forgotten the tenant: with Prisma, as SQL, and in a transaction. */
@Injectable()
export class DatabaseProbe implements CanaryProbe<undefined> {
  readonly layer = 'database';
  readonly name = 'rows without a WHERE on the tenant';

  constructor(
    private readonly database: TenantDatabase,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  async look(): Promise<string> {
    const read = async ({ project, $queryRaw }: TenantTransaction) => [
      await project.findMany({ where: { number }, select: { description: true } }),
      await $queryRaw`SELECT description FROM projects WHERE number = ${number}`,
    ];
    const shown = [await read(this.database), await this.database.$transaction(read)];
    return JSON.stringify(shown);
  }
}
