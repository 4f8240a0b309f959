import { z } from 'zod';
import { pageQuery } from '../../common/pagination.js';
import { changesOf, idInPath, text } from '../../common/validation.js';
import { memberRoles, type MemberRole } from '../../isolation/context/index.js';

export const MemberId = idInPath;

export const ListMembers = pageQuery(z.uuid());
export type ListMembers = z.infer<typeof ListMembers>;

export const UpdateMember = changesOf({ name: text(1, 200), role: z.enum(memberRoles) });
export type UpdateMember = z.infer<typeof UpdateMember>;

/** A person as this tenant knows them. */
export interface MemberView {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: MemberRole;
  /** ISO 8601, UTC. */
  readonly createdAt: Date;
}
