import { cpus } from 'node:os';

/** Something that spends CPU time. */
export interface Meter {
  readonly name: string;
  /** CPU seconds spent so far. */
  readonly read: () => number | Promise<number>;
}

export const processMeter: Meter = { name: 'this process', read: cpuSecondsOfProcess };

/** Everything that runs here, whoever started it: well above the other meters' sum, somebody else was at work too. */
export const machineMeter: Meter = {
  name: 'machine',
  read: () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000,
};

export function cpuSecondsOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
