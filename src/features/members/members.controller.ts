import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { cacheEntries, Cached } from '../../isolation/cache/index.js';
import { MinimumRole } from '../../isolation/http/index.js';
import { ListMembers, MemberId, UpdateMember } from './member.dto.js';
import { MembersService } from './members.service.js';

@Controller('api')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  /** The member who asks. */
  @Get('me')
  @Cached(cacheEntries.profile)
  me() {
    return this.members.me();
  }

  @Get('members')
  list(@Query({ schema: ListMembers }) query: ListMembers) {
    return this.members.list(query);
  }

  @Get('members/:userId')
  get(@Param('userId', { schema: MemberId }) userId: string) {
    return this.members.get(userId);
  }

  @Patch('members/:userId')
  @MinimumRole('admin')
  update(@Param('userId', { schema: MemberId }) userId: string, @Body({ schema: UpdateMember }) changes: UpdateMember) {
    return this.members.update(userId, changes);
  }

  @Delete('members/:userId')
  @HttpCode(204)
  @MinimumRole('admin')
  remove(@Param('userId', { schema: MemberId }) userId: string) {
    return this.members.remove(userId);
  }
}
