import pg from 'pg';
import type { DatabaseUrls } from '../../../scripts/database/database-urls.js';
import { readConfiguration } from '../../../src/config/index.js';
import type { FoundRow } from '../../../src/features/search/search.dto.js';
import { SearchRepository } from '../../../src/features/search/search.repository.js';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { DatabaseClients, prismaClient } from '../../../src/isolation/database/clients.js';
import { tenantDatabase } from '../../../src/isolation/database/tenant-database.js';
import { vectorSearch } from './vector-search.js';

export interface SearchContestants {
  readonly contestants: readonly {
    readonly name: string;
    readonly find: (text: string) => PromiseLike<readonly FoundRow[]>;
  }[];
  readonly close: () => Promise<void>;
}

/** Ways to search the texts of one tenant, each on a connection of its own. */
export function searchContestants(urls: DatabaseUrls, tenantId: string): SearchContestants {
  const context = new TenantContext();
  const configuration = readConfiguration(process.env);
  const clients = new DatabaseClients(
    { ...configuration, DATABASE_URL: urls.DATABASE_URL, DATABASE_POOL_SIZE: 1, DATABASE_STATEMENT_TIMEOUT_MS: 60_000 },
    context,
  );
  const database = tenantDatabase(clients.tenant);
  const repository = new SearchRepository(database, context);
  const identity = { tenantId, userId: tenantId, sessionId: tenantId, role: 'viewer' } as const;
  const asTenant = <T>(work: () => PromiseLike<T>) => context.run(identity, 'bench', work);
  const pool = new pg.Pool({ connectionString: urls.ADMIN_DATABASE_URL, max: 1 });
  const superuser = prismaClient(pool);
  return {
    contestants: [
      {
        name: 'no isolation: GIN, as superuser',
        find: (text) => vectorSearch({ $queryRaw: superuser.$queryRaw.bind(superuser) }, tenantId, text),
      },
      { name: 'ours: words by equality', find: (text) => asTenant(() => repository.find(text, 20)) },
      {
        name: 'the same @@ under the policies: a filter',
        find: (text) =>
          asTenant(() =>
            database.$transaction(async (transaction) => {
              // Its generic plan would be one for a tenant of middling size.
              await transaction.$queryRaw`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`;
              return vectorSearch(transaction, tenantId, text);
            }),
          ),
      },
    ],
    close: async () => {
      await Promise.all([clients.close(), superuser.$disconnect()]);
      await pool.end();
    },
  };
}
