import 'reflect-metadata';
import { bootTime } from './groups/boot.js';
import { cacheHit } from './groups/cache.js';
import { databaseOperations } from './groups/database.js';
import { growth } from './groups/growth.js';
import { httpReads } from './groups/http.js';
import { microCosts } from './groups/micro.js';
import { noisyNeighbour } from './groups/neighbour.js';
import { fullTextSearch } from './groups/search.js';
import { readOptions } from './options.js';
import { print, printTargets } from './print.js';
import type { Report } from './report.js';
import { saveResult } from './results.js';
import { describeMachine } from './support/machine.js';

const groups = {
  database: databaseOperations,
  http: httpReads,
  cache: cacheHit,
  growth,
  search: fullTextSearch,
  neighbour: noisyNeighbour,
  micro: microCosts,
  boot: bootTime,
};

// What the canary costs is measured by itself (docs/adr/0018), and not in somebody else's figures.
process.env['CANARY_INTERVAL_SECONDS'] = '0';

try {
  const options = readOptions(process.argv.slice(2), Object.keys(groups));
  const machine = await describeMachine();
  const all: Report[] = [];
  for (const [name, run] of Object.entries(groups)) {
    if (!options.groups.includes(name)) continue;
    console.log(`\n${name} …`);
    const reports = await run(options);
    reports.forEach(print);
    if (!options.isQuick) saveResult(name, { date: new Date().toISOString(), machine, options, reports });
    all.push(...reports);
  }
  printTargets(all);
  if (options.isQuick) {
    console.log('\nThis was a quick look: nothing is recorded. Without --quick it would be.');
  } else {
    // Not loaded before: what draws the plots is large, and would lie in the heap of what is measured.
    const { writeDocument } = await import('./document/files.js');
    await writeDocument();
    console.log('\nRecorded in bench/results and docs/performance.md.');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
