import { createHash } from 'node:crypto';
import pg from 'pg';
import { filters, migrationsList, withSchemaEngine } from './schema-engine.js';

/**
 * Applies the migrations that are not applied yet, then makes the database hold the given proof key.
 * @returns the names of the migrations applied
 */
export async function migrate(url: string, tenantProofKey: string): Promise<string[]> {
  const { appliedMigrationNames } = await withSchemaEngine(url, (engine) =>
    engine.applyMigrations({ migrationsList: migrationsList(), filters }),
  );
  await writeProofKey(url, tenantProofKey);
  return appliedMigrationNames;
}

/** HMAC (RFC 2104) hashes the key with two pads; the database is given the key with each already applied. */
export async function writeProofKey(url: string, key: string): Promise<void> {
  const hashed = createHash('sha256').update(key).digest();
  const pad = (byte: number) => Buffer.alloc(64, byte).map((value, index) => value ^ (hashed[index] ?? 0));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO app_private.proof_key (inner_pad, outer_pad) VALUES ($1, $2)
       ON CONFLICT (singleton) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad`,
      [Buffer.from(pad(0x36)), Buffer.from(pad(0x5c))],
    );
  } finally {
    await client.end();
  }
}
