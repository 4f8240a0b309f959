import { Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CacheEntry, CacheParams } from './cache-entries.js';
import { TenantCache } from './tenant-cache.js';

type Handler = (...args: never[]) => Promise<unknown>;

/** Where a controller with cached routes keeps the cache. */
const CACHE = Symbol('isolation:cache');

/**
 * Caches the route's answer under the registered entry, whose parameters are route parameters of the
 * same names. Answers with `X-Cache: HIT` or `MISS`. Keys come from the registry and the context; the
 * URL is never part of one.
 *
 * It wraps the handler, behind guards and validation. An interceptor would see the same, but Nest
 * takes it through observables, which cost more than reading and checking the entry does.
 */
export function Cached<Params extends CacheParams>(entry: CacheEntry<Params>) {
  return <T extends Handler>(controller: object, name: string, descriptor: TypedPropertyDescriptor<T>): void => {
    const handler = descriptor.value as unknown as (...args: unknown[]) => Promise<unknown>;
    async function cached(this: { [CACHE]: TenantCache }, ...args: unknown[]): Promise<string | undefined> {
      const [request, reply] = args.splice(-2) as [FastifyRequest, FastifyReply];
      const load = () => handler.apply(this, args);
      const { isHit, body } = await this[CACHE].wrapJson(entry, request.params as Params, load);
      void reply.header('x-cache', isHit ? 'HIT' : 'MISS').type('application/json; charset=utf-8');
      return body;
    }
    // What decorators below this one say of the handler, such as the role it takes, must be true of its wrapper.
    for (const key of Reflect.getMetadataKeys(handler) as unknown[])
      Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), cached);
    descriptor.value = cached as unknown as T;

    const { length } = Reflect.getMetadata('design:paramtypes', controller, name) as unknown[];
    Req()(controller, name, length);
    Res({ passthrough: true })(controller, name, length + 1);
    Inject(TenantCache)(controller, CACHE);
  };
}
