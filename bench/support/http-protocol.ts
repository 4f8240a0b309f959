export const projects = 1000;

export const projectNamed = (number: number): string => `Benchmark project ${String(number)}`;

/** What the server process sends: once that it listens, and its CPU time for every message it gets. */
export type FromServer = Ready | { readonly cpuSeconds: number };

export interface Ready {
  readonly port: number;
  readonly token: string;
  readonly numbers: readonly number[];
}
