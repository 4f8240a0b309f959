import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a part found: `npm run prove` prints its counts, and makes a page of what else it says. */
export interface PartRecord {
  readonly part: string;
  /** What was tried and how often, in the words in which it is printed. */
  readonly counts: Readonly<Record<string, number | string>>;
  readonly details?: unknown;
}

/** Written only for `npm run prove`: `npm test` leaves nothing behind. */
export function record(partRecord: PartRecord): void {
  const directory = process.env['PROOF_DIRECTORY'];
  if (!directory) return;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${partRecord.part}.json`), JSON.stringify(partRecord, null, 2));
}
