import { parseArgs } from 'node:util';

/** How long and how often each contestant runs. Many short rounds, because a shared machine is busy in bursts. */
export interface Pace {
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly sampleMs: number;
}

export interface Options extends Pace {
  /** A look, too short to be believed: it is printed and not recorded. */
  readonly isQuick: boolean;
  /** Names of the groups to run. */
  readonly groups: readonly string[];
}

const full: Pace = { warmUpMs: 1000, rounds: 7, sampleMs: 500 };
const quick: Pace = { warmUpMs: 100, rounds: 3, sampleMs: 60 };

/** @throws Error naming the groups there are, when it is asked for another */
export function readOptions(args: string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`No group ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  const pace = values.quick ? quick : full;
  return { ...pace, isQuick: values.quick, groups: positionals.length > 0 ? positionals : known };
}
