import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';

/** Where the application keeps a tenant's objects. */
export function folderOf({ id }: { readonly id: string }): string {
  return join(variable('STORAGE_DIRECTORY'), id);
}

/** What lies in the store for a tenant: names of files, finished and unfinished. */
export function objectsOf(tenant: { readonly id: string }): string[] {
  try {
    return readdirSync(folderOf(tenant)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What the database knows of a tenant's objects. */
export function ledgerOf({ id }: { readonly id: string }): Promise<{ claimed: string[]; unclaimed: string[] }> {
  return withPostgres(adminUrl(), async (client) => {
    const list = async (table: 'files' | 'unclaimed_objects') => {
      const query = `SELECT object_id AS id FROM ${table} WHERE tenant_id = $1 ORDER BY object_id`;
      return (await client.query<{ id: string }>(query, [id])).rows.map((row) => row.id);
    };
    return { claimed: await list('files'), unclaimed: await list('unclaimed_objects') };
  });
}

/** Makes what is unclaimed look as if it had been for that long. */
export async function age({ id }: { readonly id: string }, interval: string): Promise<void> {
  await withPostgres(adminUrl(), (client) =>
    client.query('UPDATE unclaimed_objects SET since = since - $2::interval WHERE tenant_id = $1', [id, interval]),
  );
}
