import pg from 'pg';

export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with "npm test".`);
  return value;
}

/** The superuser on the application's database: for what no role of the application may do. */
export function adminUrl(): string {
  const url = new URL(variable('ADMIN_DATABASE_URL'));
  url.pathname = new URL(variable('DATABASE_URL')).pathname;
  return url.href;
}

/** Runs `work` on a connection of its own, straight to PostgreSQL, and closes it. */
export async function withPostgres<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs `work` in a transaction that is always rolled back. */
export function withRollback<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return withPostgres(url, async (client) => {
    await client.query('BEGIN');
    try {
      return await work(client);
    } finally {
      await client.query('ROLLBACK');
    }
  });
}
