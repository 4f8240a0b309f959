import { Injectable } from '@nestjs/common';
import type { MemberRole } from '../../isolation/context/index.js';
import { isCanarySlug } from '../../isolation/canary/index.js';
import { SystemContext, type SystemTransaction } from '../../isolation/database/index.js';
import { hashPassword } from '../../common/password.js';
import type { TenantView } from './tenant.dto.js';

export interface NewTenant {
  readonly slug: string;
  readonly name: string;
  readonly members: readonly NewMember[];
}
export interface NewMember {
  readonly email: string;
  readonly name: string;
  readonly role: MemberRole;
  /** Used when the person is new; somebody known by this e-mail keeps the password they have. */
  readonly password: string;
}
export interface ProvisionedTenant extends TenantView {
  readonly memberIds: Readonly<Record<string, string>>;
}

/** Brings a tenant and its people into being. No route does: the seed does, and whatever signs customers up. */
@Injectable()
export class TenantProvisioningService {
  constructor(private readonly system: SystemContext) {}

  /**
   * A tenant, person or membership that is there already is left as it is.
   * @returns the tenant, and each member's user id by e-mail
   * @throws Error for a short name that is reserved
   */
  async provision({ slug, name, members: given }: NewTenant): Promise<ProvisionedTenant> {
    if (isCanarySlug(slug)) throw new Error(`The short name "${slug}" is reserved: it is one of the canary's.`);
    const members = given.map((member) => ({ ...member, email: member.email.toLowerCase() })); // as login does
    const hashes = new Map<string, string>();
    for (const { email, password } of members) hashes.set(email, await hashPassword(password));

    return this.system.run('provision tenant', async (database) => {
      const known = await database.tenant.findFirst({ where: { slug } });
      const tenant = known ?? (await database.tenant.create({ data: { slug, name } }));
      const memberIds: Record<string, string> = {};
      for (const { email, name: memberName, role } of members) {
        const userId = await findOrCreateUser(database, email, hashes.get(email) ?? '');
        memberIds[email] = userId;
        const membership = { tenantId: tenant.id, userId, email, name: memberName, role };
        await database.membership.createMany({ data: [membership], skipDuplicates: true });
      }
      return { id: tenant.id, slug: tenant.slug, name: tenant.name, memberIds };
    });
  }
}

async function findOrCreateUser(database: SystemTransaction, email: string, passwordHash: string): Promise<string> {
  const known = await database.user.findFirst({ where: { email } });
  return (known ?? (await database.user.create({ data: { email, passwordHash } }))).id;
}
