import { latencyReports, raceLatencies, type LatencyTarget } from '../latency.js';
import type { Options } from '../options.js';
import type { Report } from '../report.js';
import { searchContestants } from '../support/search/contestants.js';
import { commonWord, createSearchDatabase, rareWord, removeSearchDatabase } from '../support/search/database.js';

const rowsPerKind = { full: 100_000, quick: 2000 } as const;
/** Each ends in a space: the word before it is whole, as all are for PostgreSQL. */
const questions = {
  'a rare word': `${rareWord} `,
  'a word that every project has': `${commonWord} `,
  'six words': `${rareWord} ${commonWord} plan call bax1 kkx270 `,
} as const;
/** Of the 50th percentile, to the search that nothing isolates. */
const targets: readonly LatencyTarget[] = [{ percentile: 'p50', contestant: 1, atMost: 1.1 }];

/** What full-text search takes in a large tenant beside another such. */
export async function fullTextSearch(options: Options): Promise<readonly Report[]> {
  await removeSearchDatabase(); // what a run that was killed has left
  const rows = options.isQuick ? rowsPerKind.quick : rowsPerKind.full;
  try {
    const { urls, tenantIds, sizes } = await createSearchDatabase(rows);
    const [tenantId = ''] = tenantIds;
    const { contestants, close } = searchContestants(urls, tenantId);
    const setting = { tenants: tenantIds.length, 'projects of each, and tasks': rows, ...sizes, 'in flight': 1 };
    const reports: Report[] = [];
    try {
      for (const [title, text] of Object.entries(questions)) {
        const operations = contestants.map(({ name, find }) => async () => {
          const found = await find(text);
          if (found.length === 0) throw new Error(`${name} found nothing for "${text}".`);
          if (found.some((row) => row.tenantId !== tenantId)) throw new Error(`${name} found another tenant's row.`);
        });
        const latencies = await raceLatencies(operations, options);
        const named = contestants.map(({ name }, index) => ({ name, latencies: latencies[index] ?? [] }));
        reports.push(...latencyReports({ title: `Search: ${title}`, setting, contestants: named, targets }));
      }
    } finally {
      await close();
    }
    return reports;
  } finally {
    await removeSearchDatabase();
  }
}
