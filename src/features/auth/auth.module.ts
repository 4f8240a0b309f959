import { Module } from '@nestjs/common';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { PeopleRepository } from './people.repository.js';
import { SessionsController } from './sessions.controller.js';

@Module({ controllers: [AuthController, SessionsController], providers: [AuthService, PeopleRepository] })
export class AuthModule {}
