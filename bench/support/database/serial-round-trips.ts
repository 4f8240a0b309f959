import pg from 'pg';
import { TenantContext } from '../../../src/isolation/context/index.js';
import { bindStatement, type Binding } from '../../../src/isolation/database/bound-query.js';
import { prismaClient } from '../../../src/isolation/database/clients.js';
import { closing } from './closing.js';
import { contextAccess } from './context-access.js';
import type { DatabaseAddress, TenantAccess } from './tenant-access.js';
import { contextBinding } from './tenant-settings.js';

/** In the pool like ours, but BEGIN, set_config, the query and COMMIT each wait for the answer of the one before. */
export function serialRoundTrips({ applicationUrl, connections }: DatabaseAddress): TenantAccess {
  const context = new TenantContext();
  const pool = new SerialPool({ connectionString: applicationUrl, max: connections }, contextBinding(context));
  const client = prismaClient(pool);
  return contextAccess('four serial round trips', context, client, closing(client, pool));
}

class SerialPool extends pg.Pool {
  constructor(config: pg.PoolConfig, currentBinding: () => Binding) {
    super({ ...config, Client: serialClient(currentBinding) });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg declares nine overloads
  override async query(query: any): Promise<any> {
    const client = await this.connect();
    try {
      await client.query({ text: 'BEGIN' });
      const result = await client.query(query as pg.QueryConfig);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

/** Says the tenant after each BEGIN: the pool's, and those of interactive transactions. */
function serialClient(currentBinding: () => Binding): typeof pg.Client {
  return class extends pg.Client {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg declares nine overloads
    override async query(query: any): Promise<any> {
      const { text } = query as pg.QueryConfig;
      const result = await super.query(query as pg.QueryConfig);
      if (text === 'BEGIN') await super.query({ ...bindStatement, values: [...currentBinding()] });
      return result;
    }
  };
}
