import { spread, type Report, type Row } from '../report.js';
import { incidentCache, tenantCache } from '../support/cache-contestants.js';
import { CountedRedis, type Traffic } from '../support/counted-redis.js';

const hits = 1000;

/** What isolation asks of Redis: commands and round trips of one cache hit. Counted, not timed. */
export async function cacheHit(): Promise<readonly Report[]> {
  const redis = await CountedRedis.open();
  const caches = [await incidentCache(redis.url), await tenantCache(redis.url)];
  try {
    const rows: Row[] = [];
    for (const { name, hit } of caches.flatMap(({ readers }) => readers)) {
      const traffic = await redis.count(async () => {
        for (let count = 0; count < hits; count++) {
          if (!(await hit())) throw new Error(`WRONG ANSWER from "${name}": not the cached project.`);
        }
      });
      rows.push(...rowsOf(name, traffic));
    }
    return [{ title: 'Cache: what one hit asks of Redis', setting: { hits }, rows }];
  } finally {
    for (const { close } of caches) await close();
    redis.close();
  }
}

function rowsOf(name: string, { commands, roundTrips }: Traffic): Row[] {
  const row = (unit: string, count: number): Row => ({
    contestant: name,
    unit,
    ...spread([count / hits]),
    verdicts: [{ target: 'exactly 1', measured: count / hits, isReached: count === hits }],
  });
  const total = Object.values(commands).reduce((sum, count) => sum + count, 0);
  return [row(`commands (${Object.keys(commands).join(', ')})`, total), row('round trips', roundTrips)];
}
