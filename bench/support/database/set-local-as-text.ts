import pg from 'pg';
import { TenantContext } from '../../../src/isolation/context/index.js';
import type { Binding } from '../../../src/isolation/database/bound-query.js';
import { prismaClient } from '../../../src/isolation/database/clients.js';
import { closing } from './closing.js';
import { contextAccess } from './context-access.js';
import type { DatabaseAddress, TenantAccess } from './tenant-access.js';
import { contextBinding } from './tenant-settings.js';

/** The binding that was not chosen: BEGIN, SET LOCAL and COMMIT as text around the query, in one flight (ADR 0002). */
export function setLocalAsText({ applicationUrl, connections }: DatabaseAddress): TenantAccess {
  const context = new TenantContext();
  const pool = new TextPool({ connectionString: applicationUrl, max: connections }, contextBinding(context));
  const client = prismaClient(pool);
  return contextAccess('SET LOCAL as text, pipelined', context, client, closing(client, pool));
}

class TextPool extends pg.Pool {
  constructor(config: pg.PoolConfig, currentBinding: () => Binding) {
    super({ ...config, pipeline: true, Client: textClient(currentBinding) });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg declares nine overloads
  override async query(query: any): Promise<any> {
    const client = await this.connect();
    try {
      const flight = [client.query({ text: 'BEGIN' }), client.query(query as pg.QueryConfig), client.query('COMMIT')];
      const [, result] = await Promise.all(flight);
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

/** Says the tenant together with each BEGIN. */
function textClient(currentBinding: () => Binding): typeof pg.Client {
  return class extends pg.Client {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg declares nine overloads
    override query(query: any): any {
      const { text } = query as pg.QueryConfig;
      if (text !== 'BEGIN') return super.query(query as pg.QueryConfig);
      const [id, tenantId, proof, value] = currentBinding();
      return super.query(`BEGIN; SET LOCAL ${id} = '${tenantId}'; SET LOCAL ${proof} = '${value}'`);
    }
  };
}
