import pg from 'pg';

/** Whether PostgreSQL answers. Asked on a connection of its own: one from a pool would need a tenant. */
export class DatabaseHealth {
  constructor(
    private readonly connectionString: string,
    private readonly timeoutMs: number,
  ) {}

  #asking: Promise<boolean> | undefined;

  /** Callers at the same time share one question: probes must not use up the connections they ask about. */
  isReachable(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    const { connectionString, timeoutMs } = this;
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
    client.on('error', () => undefined); // the failing call says it
    try {
      await client.connect();
      await client.query('SELECT 1');
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
