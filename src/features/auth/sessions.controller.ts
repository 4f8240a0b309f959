import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { MinimumRole } from '../../isolation/http/index.js';
import { Sessions } from '../../isolation/sessions/index.js';
import { SessionId } from './auth.dto.js';

@Controller('api/auth')
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get('sessions')
  list() {
    return this.sessions.list();
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  end(@Param('id', { schema: SessionId }) id: string) {
    return this.sessions.endOwn(id);
  }

  @Post('logout')
  @HttpCode(204)
  @MinimumRole('visitor')
  logout() {
    return this.sessions.endCurrent();
  }

  @Post('logout-everywhere')
  @HttpCode(204)
  logoutEverywhere() {
    return this.sessions.endEverywhere();
  }
}
