// The application whose TenantContext is a proxy provider of nestjs-cls. It is mounted as middleware,
// which its documentation prefers for REST, Fastify included:
// https://papooch.github.io/nestjs-cls/features-and-use-cases/proxy-providers and …/considerations/compatibility.
// Nothing else differs: guard, rooms and feature are the application's own.
import { Global, Injectable, Module } from '@nestjs/common';
import { ClsModule, InjectableProxy } from 'nestjs-cls';
import { ConfigModule } from '../../../src/config/index.js';
import { ProjectsModule } from '../../../src/features/projects/projects.module.js';
import { AuditModule } from '../../../src/isolation/audit/index.js';
import { CacheModule } from '../../../src/isolation/cache/index.js';
import {
  ContextAlreadySetError,
  MissingTenantError,
  TenantContext,
  type TenantIdentity,
} from '../../../src/isolation/context/index.js';
import { DatabaseModule } from '../../../src/isolation/database/index.js';
import { HttpModule } from '../../../src/isolation/http/index.js';
import { LimitsModule } from '../../../src/isolation/limits/index.js';
import { RealtimeModule } from '../../../src/isolation/realtime/index.js';
import { SessionsModule } from '../../../src/isolation/sessions/index.js';
import { serveVariant } from './nest-variant.js';

/** Made for each request; what is injected is a proxy of it. */
@InjectableProxy()
class RequestIdentity {
  value?: Readonly<TenantIdentity>;
}

@Injectable()
class ClsTenantContext extends TenantContext {
  constructor(private readonly request: RequestIdentity) {
    super();
  }

  override get identity(): Readonly<TenantIdentity> {
    const { value } = this.request;
    if (!value) throw new MissingTenantError();
    return value;
  }

  override fill({ tenantId, userId, role, sessionId }: TenantIdentity): void {
    if (this.request.value) throw new ContextAlreadySetError();
    this.request.value = Object.freeze({ tenantId, userId, role, sessionId });
  }
}

@Global()
@Module({
  imports: [ClsModule.forRoot({ global: true, middleware: { mount: true } }), ClsModule.forFeature(RequestIdentity)],
  providers: [{ provide: TenantContext, useClass: ClsTenantContext }],
  exports: [TenantContext],
})
class ClsContextModule {}

@Module({
  imports: [
    ConfigModule,
    ClsContextModule,
    AuditModule,
    DatabaseModule,
    CacheModule,
    SessionsModule,
    LimitsModule,
    HttpModule,
    RealtimeModule,
    ProjectsModule,
  ],
})
class ClsProxyModule {}

await serveVariant(ClsProxyModule);
