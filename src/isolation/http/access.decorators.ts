import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Role } from '../context/index.js';
import type { Bearer } from './access-token.js';

/** Opens a route to anyone, and says why. Nothing tenant-owned can be reached from it. */
export const Public = Reflector.createDecorator<string>();

/** The least role that may call a route. Without it any member may, and a visitor may not. */
export const MinimumRole = Reflector.createDecorator<Role>();

/** Lets a route be called by a link instead of a token, and says why. */
export const Linkable = Reflector.createDecorator<string>();

/** A parameter: when the access token that was verified for this request expires, for answers that go on. */
export const TokenExpiry = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => execution.switchToHttp().getRequest<{ user: Bearer }>().user.expiry,
);
