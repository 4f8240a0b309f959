import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase, type TenantTransaction } from '../../isolation/database/index.js';
import type { ListMembers, MemberView, UpdateMember } from './member.dto.js';

const view = { userId: true, email: true, name: true, role: true, createdAt: true } as const;

/** Removed members stay as rows, because tasks refer to them; nothing here shows or changes them. */
@Injectable()
export class MembersRepository {
  constructor(
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
  ) {}

  /** One more than the limit, if there are more. */
  list({ limit, cursor }: ListMembers): Promise<MemberView[]> {
    const { tenantId } = this.context;
    const userId = cursor === undefined ? undefined : { gt: cursor };
    return this.database.membership.findMany({
      where: { tenantId, userId, status: 'active' },
      orderBy: { userId: 'asc' },
      take: limit + 1,
      select: view,
    });
  }

  find(userId: string, database: Pick<TenantTransaction, 'membership'> = this.database): Promise<MemberView | null> {
    const { tenantId } = this.context;
    return database.membership.findFirst({ where: { tenantId, userId, status: 'active' }, select: view });
  }

  /** Runs `work` while nobody else changes who is an admin. All rows, in one order: two callers then wait, and never for each other. */
  whileAdminsAreLocked<T>(work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return this.database.$transaction(async (transaction) => {
      await transaction.$queryRaw`
        SELECT FROM memberships
         WHERE tenant_id = ${this.context.tenantId}::uuid
         ORDER BY user_id
           FOR NO KEY UPDATE`;
      return work(transaction);
    });
  }

  countAdmins(transaction: TenantTransaction): Promise<number> {
    return transaction.membership.count({
      where: { tenantId: this.context.tenantId, role: 'admin', status: 'active' },
    });
  }

  update(userId: string, changes: UpdateMember, transaction: TenantTransaction): Promise<MemberView> {
    return transaction.membership.update({ where: this.#key(userId), data: changes, select: view });
  }

  async remove(userId: string, transaction: TenantTransaction): Promise<void> {
    await transaction.membership.update({
      where: this.#key(userId),
      data: { status: 'removed' },
      select: { userId: true },
    });
  }

  #key(userId: string) {
    return { tenantId_userId: { tenantId: this.context.tenantId, userId }, status: 'active' } as const;
  }
}
