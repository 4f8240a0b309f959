import { randomUUID } from 'node:crypto';
import { adminUrl, withPostgres } from '../../support/postgres.js';

interface Row {
  readonly table: string;
  readonly column: string;
  /** UUID in that column. */
  readonly id: string;
}

/**
 * Runs `act`, whose transaction changes the row, stops it just before it commits, runs `meanwhile`, and lets it go on.
 * It is stopped by a deferred trigger that asks for the size of a locked table: that takes no right, which advisory locks do.
 * @throws Error when `act` is done without having been stopped
 */
export function pausingCommit<T>(row: Row, act: () => Promise<T>, meanwhile: () => Promise<void>): Promise<T> {
  const name = `pause_${randomUUID().replaceAll('-', '')}`;
  return withPostgres(adminUrl(), async (client) => {
    await client.query(`CREATE SCHEMA ${name}; CREATE TABLE ${name}.gate ()`);
    const { rows } = await client.query<{ gate: number }>(`SELECT '${name}.gate'::regclass::oid AS gate`);
    const gate = rows[0]?.gate;
    await client.query(`
      CREATE FUNCTION ${name}.pause() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_catalog.pg_relation_size(${String(gate)}); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER ${name} AFTER UPDATE ON ${row.table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.${row.column} = '${row.id}') EXECUTE FUNCTION ${name}.pause()`);
    await client.query(`BEGIN; LOCK TABLE ${name}.gate`);
    const progress = { isDone: false };
    const acting = act().finally(() => (progress.isDone = true));
    const waiting = async () =>
      (await client.query('SELECT FROM pg_locks WHERE relation = $1 AND NOT granted', [gate])).rowCount;
    try {
      while ((await waiting()) === 0) if (progress.isDone) throw new Error('It was not stopped before a commit.');
      await meanwhile();
    } finally {
      await client.query('ROLLBACK');
      await acting;
      await client.query(`DROP TRIGGER ${name} ON ${row.table}; DROP SCHEMA ${name} CASCADE`);
    }
    return acting;
  });
}
