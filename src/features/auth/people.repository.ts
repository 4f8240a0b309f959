import { Injectable } from '@nestjs/common';
import { SystemContext } from '../../isolation/database/index.js';
import type { TenantUser } from '../../isolation/context/index.js';

const tenantView = { id: true, slug: true, name: true } as const;
/** A membership that lets its person in now. */
const open = { status: 'active', tenant: { status: 'active' } } as const;

/** People, and what they belong to: across tenants, because who logs in is in none yet. */
@Injectable()
export class PeopleRepository {
  constructor(private readonly system: SystemContext) {}

  /** The person, with the tenants they may enter now. */
  findByEmail(email: string) {
    return this.system.run('login', (database) =>
      database.user.findFirst({
        where: { email },
        select: {
          id: true,
          passwordHash: true,
          memberships: {
            where: open,
            orderBy: { tenant: { slug: 'asc' } },
            select: { tenant: { select: tenantView } },
          },
        },
      }),
    );
  }

  /**
   * What a session of the person in the tenant grants now; null for nothing.
   * @param passwordHash what the person's must still be, where a password is the reason to let them in
   */
  findGrant({ userId, tenantId }: TenantUser, passwordHash?: string) {
    return this.system.run('grant session', (database) =>
      database.membership.findFirst({
        where: { userId, tenantId, ...open, user: { passwordHash } },
        select: { role: true, tenant: { select: tenantView } },
      }),
    );
  }

  /** The id of a tenant that the person may enter. */
  async findTenantId(userId: string, slug: string): Promise<string | undefined> {
    const membership = await this.system.run('grant session', (database) =>
      database.membership.findFirst({
        where: { userId, status: 'active', tenant: { slug, status: 'active' } },
        select: { tenantId: true },
      }),
    );
    return membership?.tenantId;
  }

  async findPasswordHash(userId: string): Promise<string | undefined> {
    const user = await this.system.run('change password', (database) =>
      database.user.findFirst({ where: { id: userId }, select: { passwordHash: true } }),
    );
    return user?.passwordHash;
  }

  /**
   * @param beforeCommit undoes the change by throwing
   * @returns whether the password was still the old one, and is the new one now
   */
  async changePassword(
    userId: string,
    oldHash: string,
    newHash: string,
    beforeCommit: () => Promise<void>,
  ): Promise<boolean> {
    return this.system.run('change password', async (database) => {
      const { count } = await database.user.updateMany({
        where: { id: userId, passwordHash: oldHash },
        data: { passwordHash: newHash },
      });
      if (count > 0) await beforeCommit();
      return count > 0;
    });
  }
}
