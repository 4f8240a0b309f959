import { createSecretKey } from 'node:crypto';
import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokens, AccessTokenStrategy } from './access-token.js';
import { LinkTokens } from './link-token.js';
import { RefreshTokens } from './refresh-token.js';

@Global()
@Module({
  imports: [
    PassportModule,
    JwtModule.registerAsync({
      inject: [CONFIGURATION],
      // A key object: given the secret as text, jsonwebtoken first tries to read a key out of it, each time.
      useFactory: ({ JWT_SECRET }: Configuration) => ({ secret: createSecretKey(JWT_SECRET, 'utf8') }),
    }),
  ],
  providers: [
    AccessTokens,
    RefreshTokens,
    LinkTokens,
    AccessTokenStrategy,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccessTokens, RefreshTokens, LinkTokens],
})
export class HttpModule {}
