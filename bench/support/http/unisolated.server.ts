// The application without isolation: the tenant travels from the token to the WHERE as an argument,
// and nothing but that WHERE says whose rows they are. Guard, controller, service, repository,
// Prisma and its prepared statements are as in the application; context, bound pool and policies are not.
import { Controller, Get, Injectable, Module, Query, Req } from '@nestjs/common';
import pg from 'pg';
import { page, type Page } from '../../../src/common/pagination.js';
import { CONFIGURATION, ConfigModule, type Configuration } from '../../../src/config/index.js';
import { ListProjects, type ProjectView } from '../../../src/features/projects/project.dto.js';
import { PrismaClient } from '../../../src/generated/prisma/client.js';
import { AuditModule } from '../../../src/isolation/audit/index.js';
import { ContextModule } from '../../../src/isolation/context/index.js';
import { prismaClient } from '../../../src/isolation/database/clients.js';
import { requiredVariable } from '../environment.js';
import { serveVariant } from './nest-variant.js';
import { TokenGuardModule, type AuthenticatedRequest } from './token-guard.js';

const view = { number: true, name: true, description: true, status: true, createdAt: true, updatedAt: true } as const;

@Injectable()
class UnisolatedProjectsRepository {
  constructor(private readonly database: PrismaClient) {}

  list(tenantId: string, { limit, cursor, status }: ListProjects): Promise<ProjectView[]> {
    const number = cursor === undefined ? undefined : { lt: cursor };
    return this.database.project.findMany({
      where: { tenantId, number, status },
      orderBy: { number: 'desc' },
      take: limit + 1,
      select: view,
    });
  }
}

@Injectable()
class UnisolatedProjectsService {
  constructor(private readonly projects: UnisolatedProjectsRepository) {}

  async list(tenantId: string, query: ListProjects): Promise<Page<ProjectView>> {
    const rows = await this.projects.list(tenantId, query);
    return page(rows, query.limit, ({ number }) => number);
  }
}

@Controller('api/projects')
class UnisolatedProjectsController {
  constructor(private readonly projects: UnisolatedProjectsService) {}

  @Get()
  list(@Req() { user }: AuthenticatedRequest, @Query({ schema: ListProjects }) query: ListProjects) {
    return this.projects.list(user.tenantId, query);
  }
}

@Module({
  imports: [ConfigModule, ContextModule, AuditModule, TokenGuardModule], // the middle two for the guard's checks
  controllers: [UnisolatedProjectsController],
  providers: [
    UnisolatedProjectsService,
    UnisolatedProjectsRepository,
    {
      provide: PrismaClient,
      inject: [CONFIGURATION],
      useFactory: ({ DATABASE_POOL_SIZE: max }: Configuration) => {
        const connectionString = requiredVariable('UNISOLATED_DATABASE_URL');
        // As the app role has it: a reference that is planned anew for each request would flatter ours.
        const options = '-c plan_cache_mode=force_generic_plan';
        return prismaClient(new pg.Pool({ connectionString, max, options }));
      },
    },
  ],
})
class UnisolatedModule {}

await serveVariant(UnisolatedModule);
