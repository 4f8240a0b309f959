import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpuSecondsOfProcess } from '../meters.js';

/** What a server process sends: once that it listens, and its CPU time for every message it gets. */
export type FromServer = { readonly port: number } | { readonly cpuSeconds: number };

/** The end of each server's main program: serves as long as the benchmark runs. */
export function serve(server: Server, { close }: { close: () => Promise<unknown> }): void {
  process.on('disconnect', () => void close().then(() => process.exit()));
  process.on('message', () => tell({ cpuSeconds: cpuSecondsOfProcess() }));
  tell({ port: (server.address() as AddressInfo).port });
}

function tell(message: FromServer): void {
  process.send?.(message);
}
