import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Public } from '../../isolation/http/index.js';
import { AuthService } from './auth.service.js';
import { Login } from './login.dto.js';

@Controller('api/auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('login')
  @HttpCode(200)
  @Public('the token comes from here')
  login(@Body({ schema: Login }) login: Login) {
    return this.auth.login(login);
  }
}
