import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { MinimumRole } from '../../isolation/http/index.js';
import { ListMembers, MemberId, UpdateMember } from './member.dto.js';
import { MembersService } from './members.service.js';

@Controller('api/members')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  @Get()
  list(@Query({ schema: ListMembers }) query: ListMembers) {
    return this.members.list(query);
  }

  @Get(':userId')
  get(@Param('userId', { schema: MemberId }) userId: string) {
    return this.members.get(userId);
  }

  @Patch(':userId')
  @MinimumRole('admin')
  update(@Param('userId', { schema: MemberId }) userId: string, @Body({ schema: UpdateMember }) changes: UpdateMember) {
    return this.members.update(userId, changes);
  }

  @Delete(':userId')
  @HttpCode(204)
  @MinimumRole('admin')
  remove(@Param('userId', { schema: MemberId }) userId: string) {
    return this.members.remove(userId);
  }
}
