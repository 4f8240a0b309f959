import { parseArgs } from 'node:util';
import { checkDocument, writeDocument } from './files.js';

try {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  await (values.check ? checkDocument() : writeDocument());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
