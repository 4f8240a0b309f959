import { Module, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryModule, DiscoveryService, HttpAdapterHost, MetadataScanner, Reflector } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from '../../../src/app.module.js';
import type { Role } from '../../../src/isolation/context/index.js';
import { MinimumRole, Public } from '../../../src/isolation/http/access.decorators.js';
import type { TestApp } from '../../support/test-app.js';

/** The application, noting every route that Fastify is given, by a controller or otherwise. */
@Module({ imports: [AppModule, DiscoveryModule] })
export class InventoryModule {
  readonly served: string[] = [];

  constructor(host: HttpAdapterHost<FastifyAdapter>) {
    host.httpAdapter.getInstance().addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) this.served.push(`${each} ${url}`);
    });
  }
}

/** A handler of a controller, and what its decorators say of it. */
export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  readonly publicReason: string | undefined;
  readonly minimumRole: Role | undefined;
}

export function declaredRoutes({ get }: TestApp): DeclaredRoute[] {
  const reflector = get(Reflector);
  const scanner = get(MetadataScanner);
  return get(DiscoveryService)
    .getControllers()
    .flatMap(({ metatype }) => {
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, () => unknown>;
      return scanner.getAllMethodNames(prototype).flatMap((name): DeclaredRoute[] => {
        const handler = prototype[name];
        const method = handler && (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined);
        if (!handler || method === undefined) return [];
        const segments = [controller, handler].map((target) => Reflect.getMetadata(PATH_METADATA, target) as string);
        return [
          {
            method: RequestMethod[method],
            path: `/${segments.filter((segment) => segment !== '/').join('/')}`,
            publicReason: reflector.getAllAndOverride<string | undefined>(Public, [handler, controller]),
            minimumRole: reflector.getAllAndOverride<Role | undefined>(MinimumRole, [handler, controller]),
          },
        ];
      });
    });
}
