// A process of its own, so that what the delay costs is not counted as the benchmark's:
// passes on what arrives for another port, both ways, in order, each chunk late by the same time.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

const [host = '', port = '', oneWayMs = ''] = process.argv.slice(2);
const delayMs = Number(oneWayMs);
/** A timer of Node fires on whole milliseconds, which would make half of 2 ms a matter of luck. */
const tickMs = 0.1;

/** In order of time, because the delay is the same for all. */
const underWay: { readonly dueAt: number; readonly deliver: () => void }[] = [];
const neverSet = new Int32Array(new SharedArrayBuffer(4));

function deliverLater(deliver: () => void): void {
  underWay.push({ dueAt: performance.now() + delayMs, deliver });
  if (underWay.length === 1) setImmediate(tick);
}

function tick(): void {
  const now = performance.now();
  while (underWay[0] && underWay[0].dueAt <= now) underWay.shift()?.deliver();
  if (underWay.length === 0) return;
  Atomics.wait(neverSet, 0, 0, tickMs);
  setImmediate(tick);
}

function passOn(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('data', (chunk) => deliverLater(() => to.write(chunk)));
  from.on('end', () => deliverLater(() => to.end()));
  from.on('error', () => to.destroy());
}

const server = createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ host, port: Number(port), allowHalfOpen: true });
  passOn(near, far);
  passOn(far, near);
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
