// Looks through src/ for what one tenant's request can leave behind for another's: npm run audit
import { join } from 'node:path';
import { audit, findings } from './audit.js';
import { exceptions } from './exceptions.js';
import { remedies } from './finding.js';
import { Source } from './source.js';

const source = new Source(join(import.meta.dirname, '../../tsconfig.build.json'));
const { remaining, stale } = audit(findings(source), exceptions);
for (const { file, line, rule, symbol, what } of remaining)
  console.error(`${file}:${String(line)}  ${rule}  ${symbol} ${what}. ${remedies[rule]}`);
for (const { file, rule, symbol } of stale)
  console.error(`scripts/audit/exceptions.ts  ${file} has no ${rule} ${symbol} any more: delete the exception.`);
if (remaining.length + stale.length > 0) process.exitCode = 1;
else console.log(`${String(source.files.length)} files, ${String(exceptions.length)} exceptions, nothing else shared.`);
