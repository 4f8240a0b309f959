import 'reflect-metadata';
import { bootTime } from './groups/boot.js';
import { cacheHit } from './groups/cache.js';
import { databasePointRead } from './groups/database.js';
import { cachedHttpRead } from './groups/http.js';
import { readOptions } from './options.js';
import { print, save } from './report.js';
import { describeMachine } from './support/machine.js';

const groups = {
  database: databasePointRead,
  http: cachedHttpRead,
  cache: cacheHit,
  boot: bootTime,
};

try {
  const options = readOptions(process.argv.slice(2), Object.keys(groups));
  const machine = await describeMachine();
  for (const [name, run] of Object.entries(groups)) {
    if (!options.groups.includes(name)) continue;
    console.log(`\n${name} …`);
    const reports = await run(options);
    reports.forEach(print);
    save(name, { machine, options, reports });
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
