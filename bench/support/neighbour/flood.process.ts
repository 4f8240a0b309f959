// A process of its own, so that asking so often does not delay the one whose latency is measured.
import { atSteadyRate } from './steady-rate.js';
import type { Visit } from './visitor.js';
import { kinds, Visitor } from './visitor.js';

const { perSecond, atMostUnderWay, ...visit } = JSON.parse(process.argv[2] ?? '') as Visit & {
  perSecond: number;
  atMostUnderWay: number;
};
const visitor = new Visitor(visit);
let ending: AbortController | undefined;

async function flood(signal: AbortSignal): Promise<void> {
  let answered = 0;
  await atSteadyRate({ perSecond, atMostUnderWay }, signal, async (count) => {
    await kinds[count % kinds.length]?.ask(visitor, count);
    answered++;
  });
  process.send?.({ answered });
}

process.on('disconnect', () => process.exit());
process.on('message', () => {
  if (ending) ending.abort();
  else void flood((ending = new AbortController()).signal).finally(() => (ending = undefined));
});
await visitor.fillCache();
process.send?.({ answered: 0 });
