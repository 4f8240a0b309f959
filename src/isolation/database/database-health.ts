import { onOwnConnection } from './own-connection.js';

/** Whether PostgreSQL answers. Asked on a connection of its own: one from a pool would need a tenant. */
export class DatabaseHealth {
  #asking: Promise<boolean> | undefined;

  constructor(
    private readonly connectionString: string,
    private readonly timeoutMs: number,
  ) {}

  /** Callers at the same time share one question: probes must not use up the connections they ask about. */
  isReachable(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  #ask(): Promise<boolean> {
    return onOwnConnection(this.connectionString, this.timeoutMs, (client) => client.query('SELECT 1')).then(
      () => true,
      () => false,
    );
  }
}
