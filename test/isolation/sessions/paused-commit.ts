import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { adminUrl } from '../../support/postgres.js';

const lock = 1041;

/** Stops the transaction that changes one row just before it commits: at a deferred trigger that waits for a lock. */
export class PausedCommit {
  private constructor(
    private readonly client: pg.Client,
    private readonly table: string,
    private readonly name: string,
  ) {}

  /** @param id UUID in `column` of the row */
  static async of(table: string, column: string, id: string): Promise<PausedCommit> {
    const client = new pg.Client({ connectionString: adminUrl() });
    await client.connect();
    const name = `pause_${randomUUID().replaceAll('-', '')}`;
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
    await client.query(`
      CREATE SCHEMA ${name};
      CREATE FUNCTION ${name}.pause() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(${String(lock)}); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER ${name} AFTER UPDATE ON ${table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.${column} = '${id}') EXECUTE FUNCTION ${name}.pause()`);
    return new PausedCommit(client, table, name);
  }

  async untilReached(): Promise<void> {
    const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`;
    while ((await this.client.query(waiting, [lock])).rowCount === 0);
  }

  async goOn(): Promise<void> {
    await this.client.query('SELECT pg_advisory_unlock($1)', [lock]);
    await this.client.query(`DROP TRIGGER ${this.name} ON ${this.table}`);
    await this.client.query(`DROP SCHEMA ${this.name} CASCADE`);
    await this.client.end();
  }
}
