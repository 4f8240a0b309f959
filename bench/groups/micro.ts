import { Bench, type FnReturnedObject } from 'tinybench';
import { letter } from '../harness.js';
import type { Pace } from '../options.js';
import { spread, type Report, type Row } from '../report.js';
import { createPieces, type Piece, type Pieces } from '../support/micro-pieces.js';

/** What is timed together, because reading the clock takes longer than some calls: as many hundreds as take this long. */
const batchMs = 0.1;
/** Of a sample of other groups: there is no network, and nobody to wait for. */
const sampleShare = 0.2;

/** What the pieces of isolation cost one at a time, without PostgreSQL or Redis. */
export async function microCosts({ rounds, sampleMs }: Pace): Promise<readonly Report[]> {
  const pieces = await createPieces();
  const milliseconds = sampleMs * sampleShare;
  const medians = await measure(pieces, rounds, milliseconds);
  const row = (piece: Piece, index: number): Row => ({
    contestant: `${letter(index)}  ${piece.name}`,
    unit: 'ns',
    ...spread(medians.get(piece.name) ?? []),
    verdicts: [],
  });
  const [bare] = pieces.entering.map(({ name }) => medians.get(name) ?? []);
  const ratio = ({ name }: Piece) =>
    spread((medians.get(name) ?? []).map((median, round) => median / (bare?.[round] ?? NaN)));
  const setting = { 'ms a batch, at least': batchMs, 'ms a sample': milliseconds };
  return [
    { title: 'Micro: the pieces', setting, rows: [...pieces.synchronous, ...pieces.asynchronous].map(row) },
    {
      title: 'Micro: enter a context and leave it',
      setting,
      rows: pieces.entering.map((piece, index) => ({ ...row(piece, index), ratio: ratio(piece) })),
    },
  ];
}

/** Nanoseconds a call, the median of each round, by name. */
async function measure(
  { synchronous, asynchronous, entering, inTenant }: Pieces,
  rounds: number,
  milliseconds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const bench = new Bench({ time: milliseconds, iterations: 1, warmup: false, throws: true });
  for (const piece of synchronous) bench.add(piece.name, synchronousBatch(piece));
  for (const piece of [...asynchronous, ...entering]) bench.add(piece.name, asynchronousBatch(piece));
  const medians = new Map(bench.tasks.map(({ name }): [string, number[]] => [name, []]));
  await inTenant(async () => {
    await bench.run(); // warms up, and is not recorded
    for (let round = 0; round < rounds; round++) {
      bench.reset(); // what has a result is not run again
      for (const { name, result } of await bench.run()) {
        if (result.state !== 'completed') throw new Error(`"${name}" was not measured: ${result.state}`);
        medians.get(name)?.push(result.latency.p50 * 1e6);
      }
    }
  });
  return medians;
}

/** All pieces share the loop, so that none is compiled into it and its result then found to be unused. */
function synchronousBatch({ operate, ...piece }: Piece) {
  return (): FnReturnedObject => {
    let result: unknown;
    let [calls, elapsed] = [0, 0];
    for (const start = performance.now(); elapsed < batchMs; elapsed = performance.now() - start, calls += 100)
      for (let call = 0; call < 100; call++) result = operate();
    return measured(elapsed, calls, piece, result);
  };
}

function asynchronousBatch({ operate, ...piece }: Piece) {
  return async (): Promise<FnReturnedObject> => {
    let result: unknown;
    let [calls, elapsed] = [0, 0];
    for (const start = performance.now(); elapsed < batchMs; elapsed = performance.now() - start, calls += 100)
      for (let call = 0; call < 100; call++) result = await operate();
    return measured(elapsed, calls, piece, result);
  };
}

function measured(
  milliseconds: number,
  calls: number,
  { name, isRight }: Omit<Piece, 'operate'>,
  result: unknown,
): FnReturnedObject {
  if (!isRight(result)) throw new Error(`WRONG RESULT of "${name}": ${JSON.stringify(result)}`);
  return { overriddenDuration: milliseconds / calls, overriddenIterationCost: milliseconds };
}
