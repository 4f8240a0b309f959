import { parseArgs } from 'node:util';
import { parts, type Part } from './parts.js';

export interface Options {
  readonly parts: readonly Part[];
  /** What the suites read their counts from: test/proof/counts.ts. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws Error naming the parts there are, when it is asked for another, and for a number that is none */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !parts.some((part) => part.name === name));
  const names = parts.map(({ name }) => name).join(', ');
  if (unknown.length > 0) throw new Error(`No part ${unknown.join(', ')}. There are: ${names}.`);
  if (values.path !== undefined && positionals.length !== 1)
    throw new Error('--path repeats one failure of one part: name that part.');
  const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
  if (!/^[1-9]\d*$/.test(values.runs ?? '1')) throw new Error('--runs takes a whole number, from 1.');
  if (!/^-?\d+$/.test(seed)) throw new Error('--seed takes a whole number.');
  return {
    parts: positionals.length > 0 ? parts.filter(({ name }) => positionals.includes(name)) : parts,
    environment: {
      PROOF_LONG: '1',
      PROOF_SEED: seed,
      ...(values.runs === undefined ? {} : { PROOF_RUNS: values.runs }),
      ...(values.path === undefined ? {} : { PROOF_PATH: values.path }),
    },
  };
}
