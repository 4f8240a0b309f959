import pg from 'pg';
import { spread } from '../../report.js';

const samples = 100;

/** How long the smallest question to the database takes, in milliseconds; the median of many, one after the other. */
export async function roundTripMs(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const times: number[] = [];
  for (let count = 0; count < samples; count++) {
    const start = performance.now();
    await client.query('SELECT');
    times.push(performance.now() - start);
  }
  await client.end();
  return spread(times).median;
}
