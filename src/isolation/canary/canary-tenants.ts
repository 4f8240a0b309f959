import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TenantContext, type TenantIdentity } from '../context/index.js';
import { SystemContext, TenantDatabase } from '../database/index.js';

/** One of the two tenants, and the text that nobody but it may be shown. */
export interface CanaryTenant {
  readonly identity: TenantIdentity;
  readonly secret: string;
}
export type CanaryPair = readonly [CanaryTenant, CanaryTenant];

// As the migration's policies name them.
const tenants = [
  { id: 'ca4a1041-0000-4000-8000-00000000000a', slug: 'canary-1041-a' },
  { id: 'ca4a1041-0000-4000-8000-00000000000b', slug: 'canary-1041-b' },
] as const;
/** One person, member of both: what is keyed by user or session, and lacks the tenant, collides as well. */
const userId = 'ca4a1041-0000-4000-8000-00000000000c';
const sessionId = 'ca4a1041-0000-4000-8000-00000000000d';
const email = 'canary@canary.invalid';

/** The number of a project that both have. Its description is the tenant's secret. */
export const canaryProject = 1_041_041_041;

/** Whether a tenant's short name is one of the two, which no customer may have. */
export function isCanarySlug(slug: string): boolean {
  return tenants.some((tenant) => tenant.slug === slug);
}

/** Brings the two tenants into being, and knows their secrets, which were made at random when the first process did. */
@Injectable()
export class CanaryTenants {
  #pair: Promise<CanaryPair> | undefined;

  constructor(
    private readonly system: SystemContext,
    private readonly context: TenantContext,
    private readonly database: TenantDatabase,
  ) {}

  pair(): Promise<CanaryPair> {
    this.#pair ??= this.#prepare().catch((error: unknown) => {
      this.#pair = undefined;
      throw error;
    });
    return this.#pair;
  }

  /** Has them looked up again, and what they lack planted: call it when one does not see its own. */
  forget(): void {
    this.#pair = undefined;
  }

  as<T>({ identity }: CanaryTenant, work: () => Promise<T>): Promise<T> {
    return this.context.run(identity, 'canary', work);
  }

  async #prepare(): Promise<CanaryPair> {
    const names = await this.#namesInDatabase();
    const pair = tenants.map(({ id, slug }): CanaryTenant => {
      const secret = names.get(id);
      if (secret === undefined) throw new Error(`Another tenant has the short name "${slug}", which is the canary's.`);
      return { identity: { tenantId: id, userId, sessionId, role: 'member' }, secret };
    }) as [CanaryTenant, CanaryTenant];
    for (const tenant of pair) await this.as(tenant, () => this.#plantProject(tenant));
    return pair;
  }

  /** Several processes may start at once: whoever comes second changes nothing, and reads what the first has committed. */
  #namesInDatabase(): Promise<Map<string, string>> {
    return this.system.run('keep canaries', async (database) => {
      // A hash that no password has; nor does login ever find it.
      await database.user.createMany({ data: [{ id: userId, email, passwordHash: 'none' }], skipDuplicates: true });
      await database.tenant.createMany({
        data: tenants.map((tenant) => ({ ...tenant, name: newSecret() })),
        skipDuplicates: true,
      });
      await database.membership.createMany({
        data: tenants.map(({ id }) => ({ tenantId: id, userId, email, name: 'Canary', role: 'member' as const })),
        skipDuplicates: true,
      });
      const rows = await database.tenant.findMany({ select: { id: true, name: true } });
      return new Map(rows.map(({ id, name }) => [id, name]));
    });
  }

  async #plantProject({ secret }: CanaryTenant): Promise<void> {
    const project = { number: canaryProject, name: 'Canary', description: secret };
    await this.database.project.createMany({ data: [project], skipDuplicates: true });
  }
}

/** One word also to those who break texts into words. */
function newSecret(): string {
  return `canary${randomBytes(16).toString('hex')}`;
}
