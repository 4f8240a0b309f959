import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const reconnectAfterMs = 500;
const pingEveryMs = 5000;

/** Hears what the database announces (pg_notify), on a connection of its own: one from a pool is shared. */
export class DatabaseNotifications {
  /** @param isHeard false behind a pooler, whose connections forget a LISTEN: then each ping counts as an announcement */
  constructor(
    private readonly connectionString: string,
    private readonly isHeard: boolean,
  ) {}

  /**
   * Calls `onAnnouncement` for each, and whenever it begins to listen: nobody repeats what was said meanwhile.
   * @param channel a plain identifier
   * @returns a function that ends it
   */
  listen(channel: string, onAnnouncement: () => void): () => Promise<void> {
    const ending = new AbortController();
    const listening = this.#keepListening(channel, onAnnouncement, ending.signal);
    return () => {
      ending.abort();
      return listening;
    };
  }

  async #keepListening(channel: string, onAnnouncement: () => void, ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      await this.#listenOnce(channel, onAnnouncement, ending).catch(() => undefined); // PostgreSQL is away
      await sleep(reconnectAfterMs, undefined, { signal: ending }).catch(() => undefined);
    }
  }

  /** Rejects when the connection is lost, which a ping finds out when the network does not say it. */
  async #listenOnce(channel: string, onAnnouncement: () => void, ending: AbortSignal): Promise<void> {
    const client = new pg.Client({
      connectionString: this.connectionString,
      connectionTimeoutMillis: pingEveryMs,
      query_timeout: pingEveryMs,
      application_name: `project-1041 ${channel}`,
    });
    const lost = new AbortController();
    client.on('error', () => undefined); // 'end' follows
    client.on('end', () => lost.abort());
    client.on('notification', onAnnouncement);
    const signal = AbortSignal.any([ending, lost.signal]);
    try {
      await client.connect();
      if (this.isHeard) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      onAnnouncement();
      for (;;) {
        await sleep(pingEveryMs, undefined, { signal });
        await client.query('SELECT');
        if (!this.isHeard) onAnnouncement();
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
