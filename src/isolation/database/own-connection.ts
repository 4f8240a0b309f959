import pg from 'pg';

/**
 * Does `work` on a connection of its own, for what is asked before there is a tenant, or about the connections themselves.
 * @param timeoutMs for connecting, and again for each statement
 */
export async function onOwnConnection<T>(
  connectionString: string,
  timeoutMs: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  client.on('error', () => undefined); // the failing call says it; without a listener it would end the process
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
