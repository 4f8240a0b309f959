// The application whose tenant comes from Nest's Scope.REQUEST: a provider that is made for each
// request, and with it everything above it: repository, service, the controller and its cache.
//
// The pool and the Redis client hold connections and stay singletons, as they must in any
// application. They read the tenant from the context, which the request's provider enters around
// each call of theirs. Not made anew, in the contestant's favour: the guard, which leaves the
// identity on the request. The rooms and the feature are the application's own.
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ConfigModule } from '../../../src/config/index.js';
import type { ListProjects, ProjectView } from '../../../src/features/projects/project.dto.js';
import { ProjectsController } from '../../../src/features/projects/projects.controller.js';
import { ProjectsRepository } from '../../../src/features/projects/projects.repository.js';
import { ProjectsService } from '../../../src/features/projects/projects.service.js';
import { AuditModule } from '../../../src/isolation/audit/index.js';
import { CacheModule, TenantCache, type CacheEntry } from '../../../src/isolation/cache/index.js';
import { ContextModule, TenantContext } from '../../../src/isolation/context/index.js';
import { DatabaseModule, TenantDatabase } from '../../../src/isolation/database/index.js';
import { RealtimeModule } from '../../../src/isolation/realtime/index.js';
import { serveVariant } from './nest-variant.js';
import { TokenGuardModule, type AuthenticatedRequest } from './token-guard.js';

@Injectable({ scope: Scope.REQUEST })
class RequestTenant {
  constructor(
    @Inject(REQUEST) private readonly request: AuthenticatedRequest,
    readonly context: TenantContext,
  ) {}

  enter<T>(work: () => Promise<T>): Promise<T> {
    return this.context.run(this.request.user, this.request.id, work);
  }
}

@Injectable()
class RequestProjectsRepository extends ProjectsRepository {
  constructor(
    database: TenantDatabase,
    private readonly tenant: RequestTenant,
  ) {
    super(database, tenant.context);
  }

  override list(query: ListProjects): Promise<ProjectView[]> {
    return this.tenant.enter(() => super.list(query));
  }

  override find(number: number): Promise<ProjectView | null> {
    return this.tenant.enter(() => super.find(number));
  }
}

/** Injection token of the cache that all requests share. */
const SHARED_CACHE = Symbol('shared cache');

@Module({ providers: [{ provide: SHARED_CACHE, useExisting: TenantCache }], exports: [SHARED_CACHE] })
class SharedCacheModule {}

/** As much of TenantCache as the route uses. */
@Injectable()
class RequestTenantCache {
  constructor(
    @Inject(SHARED_CACHE) private readonly cache: TenantCache,
    private readonly tenant: RequestTenant,
  ) {}

  wrapJson(entry: CacheEntry, params: unknown, load: () => Promise<unknown>) {
    return this.tenant.enter(() => this.cache.wrapJson(entry, params, load));
  }
}

@Module({
  imports: [SharedCacheModule],
  controllers: [ProjectsController],
  providers: [
    RequestTenant,
    ProjectsService,
    { provide: ProjectsRepository, useClass: RequestProjectsRepository },
    { provide: TenantCache, useClass: RequestTenantCache },
  ],
})
class RequestProjectsModule {}

@Module({
  imports: [
    ConfigModule,
    ContextModule,
    AuditModule,
    DatabaseModule,
    CacheModule,
    RealtimeModule,
    TokenGuardModule,
    RequestProjectsModule,
  ],
})
class RequestScopeModule {}

await serveVariant(RequestScopeModule);
