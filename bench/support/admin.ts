import pg from 'pg';
import { requiredVariable } from './environment.js';

/** Runs `work` as superuser in the application's database. */
export async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(requiredVariable('ADMIN_DATABASE_URL'));
  url.pathname = new URL(requiredVariable('DATABASE_URL')).pathname;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
