import { Body, Controller, HttpCode, Ip, Post } from '@nestjs/common';
import { Public } from '../../isolation/http/index.js';
import { ChangePassword, Login, Refresh, SwitchTenant } from './auth.dto.js';
import { AuthService } from './auth.service.js';

/** Every route answers with the tokens of a session. */
@Controller('api/auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('login')
  @HttpCode(200)
  @Public('the token comes from here')
  login(@Body({ schema: Login }) login: Login, @Ip() address: string) {
    return this.auth.login(login, address);
  }

  @Post('refresh')
  @HttpCode(200)
  @Public('the access token has expired; the refresh token is verified instead')
  refresh(@Body({ schema: Refresh }) { refresh_token: token }: Refresh) {
    return this.auth.refresh(token);
  }

  @Post('switch')
  @HttpCode(200)
  switchTenant(@Body({ schema: SwitchTenant }) { tenant }: SwitchTenant) {
    return this.auth.switchTenant(tenant);
  }

  @Post('password')
  @HttpCode(200)
  changePassword(@Body({ schema: ChangePassword }) change: ChangePassword) {
    return this.auth.changePassword(change);
  }
}
