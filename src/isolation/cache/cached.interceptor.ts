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
import { from, lastValueFrom, type Observable } from 'rxjs';
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

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const entry = this.reflector.get<CacheEntry>(CACHED, context.getHandler());
    const http = context.switchToHttp();
    const params = entry.params.safeParse(http.getRequest<FastifyRequest>().params);
    if (!params.success) return next.handle(); // the route's own validation says what is wrong
    return from(this.#answer(entry, params.data, next, http.getResponse<FastifyReply>()));
  }

  async #answer(
    entry: CacheEntry,
    params: CacheParams,
    next: CallHandler,
    reply: FastifyReply,
  ): Promise<string | undefined> {
    const { isHit, body } = await this.cache.wrapJson(entry, params, () => lastValueFrom(next.handle()));
    void reply.header('x-cache', isHit ? 'HIT' : 'MISS').type('application/json; charset=utf-8');
    return body;
  }
}
