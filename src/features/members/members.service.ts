import { Injectable } from '@nestjs/common';
import { notFound, ProblemError } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import { TenantCache } from '../../isolation/cache/index.js';
import { TenantContext } from '../../isolation/context/index.js';
import type { TenantTransaction } from '../../isolation/database/index.js';
import type { ListMembers, MemberView, UpdateMember } from './member.dto.js';
import { MembersRepository } from './members.repository.js';

@Injectable()
export class MembersService {
  constructor(
    private readonly members: MembersRepository,
    private readonly context: TenantContext,
    private readonly cache: TenantCache,
  ) {}

  async list(query: ListMembers): Promise<Page<MemberView>> {
    const rows = await this.members.list(query);
    return page(rows, query.limit, ({ userId }) => userId);
  }

  async get(userId: string): Promise<MemberView> {
    const member = await this.members.find(userId);
    if (!member) throw notFound();
    return member;
  }

  async isActive(userId: string): Promise<boolean> {
    return (await this.members.find(userId)) !== null;
  }

  me(): Promise<MemberView> {
    return this.get(this.context.userId);
  }

  async update(userId: string, changes: UpdateMember): Promise<MemberView> {
    const member = await this.#keepingAnAdmin((transaction) => this.members.update(userId, changes, transaction));
    await this.cache.invalidateUser(userId);
    return member;
  }

  async remove(userId: string): Promise<void> {
    await this.#keepingAnAdmin((transaction) => this.members.remove(userId, transaction));
    await this.cache.invalidateUser(userId);
  }

  /** Undoes `work` when it leaves the tenant without an admin. */
  #keepingAnAdmin<T>(work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return this.members.whileAdminsAreLocked(async (transaction) => {
      const result = await work(transaction);
      if ((await this.members.countAdmins(transaction)) === 0) throw new ProblemError('last-admin');
      return result;
    });
  }
}
