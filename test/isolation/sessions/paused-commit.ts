import { randomUUID } from 'node:crypto';
import { adminUrl, withPostgres } from '../../support/postgres.js';

const lock = 1041;

interface Row {
  readonly table: string;
  readonly column: string;
  /** UUID in that column. */
  readonly id: string;
}

/**
 * Runs `act`, whose transaction changes the row, stops it just before it commits, runs `meanwhile`, and lets it go on.
 * It is stopped by a deferred trigger that waits for a lock.
 * @throws Error when `act` is done without having been stopped
 */
export function pausingCommit<T>(row: Row, act: () => Promise<T>, meanwhile: () => Promise<void>): Promise<T> {
  const name = `pause_${randomUUID().replaceAll('-', '')}`;
  return withPostgres(adminUrl(), async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
    await client.query(`
      CREATE SCHEMA ${name};
      CREATE FUNCTION ${name}.pause() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(${String(lock)}); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER ${name} AFTER UPDATE ON ${row.table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.${row.column} = '${row.id}') EXECUTE FUNCTION ${name}.pause()`);
    const progress = { isDone: false };
    const acting = act().finally(() => (progress.isDone = true));
    const waiting = async () =>
      (await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted", [lock]))
        .rowCount;
    try {
      while ((await waiting()) === 0) if (progress.isDone) throw new Error('It was not stopped before a commit.');
      await meanwhile();
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [lock]);
      await acting;
      await client.query(`DROP TRIGGER ${name} ON ${row.table}; DROP SCHEMA ${name} CASCADE`);
    }
    return acting;
  });
}
