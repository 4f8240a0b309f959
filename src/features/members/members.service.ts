import { Injectable } from '@nestjs/common';
import { notFound, ProblemError } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import { TenantCache } from '../../isolation/cache/index.js';
import { TenantContext } from '../../isolation/context/index.js';
import type { TenantTransaction } from '../../isolation/database/index.js';
import { EventPublisher, events } from '../../isolation/realtime/index.js';
import { Sessions } from '../../isolation/sessions/index.js';
import type { ListMembers, MemberView, UpdateMember } from './member.dto.js';
import { MembersRepository } from './members.repository.js';

@Injectable()
export class MembersService {
  constructor(
    private readonly members: MembersRepository,
    private readonly context: TenantContext,
    private readonly cache: TenantCache,
    private readonly sessions: Sessions,
    private readonly events: EventPublisher,
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
    const member = await this.#change(userId, async (transaction) => {
      const before = await this.members.find(userId, transaction);
      const member = await this.members.update(userId, changes, transaction);
      return { result: member, endsSessions: before?.role !== member.role };
    });
    await this.events.publish(events.memberUpdated, { member: userId });
    return member;
  }

  async remove(userId: string): Promise<void> {
    await this.#change(userId, async (transaction) => {
      await this.members.remove(userId, transaction);
      return { result: undefined, endsSessions: true };
    });
    await this.events.publish(events.memberRemoved, { member: userId });
  }

  /** Undoes `change` when it leaves the tenant without an admin. Sessions with the rights of before end with them. */
  async #change<T>(
    userId: string,
    change: (transaction: TenantTransaction) => Promise<{ readonly result: T; readonly endsSessions: boolean }>,
  ): Promise<T> {
    const { result, endsSessions } = await this.members.whileAdminsAreLocked(async (transaction) => {
      const changed = await change(transaction);
      if ((await this.members.countAdmins(transaction)) === 0) throw new ProblemError('last-admin');
      // Before the commit, so that no failure leaves new rights with old sessions …
      if (changed.endsSessions) await this.sessions.endMember(userId);
      return changed;
    });
    await this.cache.invalidateUser(userId);
    // … and after it, for a session opened in between, which was granted the rights of before.
    if (endsSessions) await this.sessions.endMember(userId);
    return result;
  }
}
