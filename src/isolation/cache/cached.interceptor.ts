import {
  Injectable,
  SetMetadata,
  UseInterceptors,
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import type { CacheEntry, CacheParams } from './cache-entries.js';
import { TenantCache } from './tenant-cache.js';

const CACHED = 'isolation:cached';

/** Caches the route's answer under the registered entry, whose parameters are route parameters of the same names. */
export function Cached<Params extends CacheParams>(entry: CacheEntry<Params>): MethodDecorator {
  return applyDecorators(SetMetadata(CACHED, entry), UseInterceptors(CachedInterceptor));
}

/** Answers with `X-Cache: HIT` or `MISS`. Keys come from the registry and the context; the URL is never part of one. */
@Injectable()
export class CachedInterceptor implements NestInterceptor {
  constructor(
    private readonly cache: TenantCache,
    private readonly reflector: Reflector,
  ) {}

  /** A promise of an Observable, because an Observable made of a promise costs every hit its subscription. */
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const entry = this.reflector.get<CacheEntry>(CACHED, context.getHandler());
    const http = context.switchToHttp();
    const { params } = http.getRequest<FastifyRequest>();
    const cached = await this.cache.wrapJson(entry, params, () => lastValueFrom(next.handle()));
    if (!cached) return next.handle(); // a path of nothing: the route says that it is not there
    const reply = http.getResponse<FastifyReply>();
    void reply.header('x-cache', cached.isHit ? 'HIT' : 'MISS').type('application/json; charset=utf-8');
    return of(cached.body);
  }
}
