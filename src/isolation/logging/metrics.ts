import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Of the process, as prom-client has them. Labels are words of ours, out of registries: never a tenant, a user, a key
 * or a path. Series for each tenant would tell who reads them who our customers are and how much they do, and would
 * grow with their number; what one tenant did is in the log.
 */
export const registry = new Registry();
const registers = [registry];
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const isolationViolations = new Counter({
  name: 'isolation_violations_total',
  help: 'Crossings between tenants that a guard has refused. Any is worth a look.',
  labelNames: ['layer', 'kind'] as const,
  registers,
});

export const unscopedRecords = new Counter({
  name: 'log_records_unscoped_total',
  help: 'Log records of which nobody can say whose they are: a defect.',
  registers,
});

export const droppedRecords = new Counter({
  name: 'log_records_dropped_total',
  help: 'Log records that nobody took in time: the reader of standard output has stopped.',
  registers,
});

export const requests = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'From the first byte of a request to the last of its answer.',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: seconds,
  registers,
});

export const jobRuns = new Histogram({
  name: 'job_duration_seconds',
  help: 'Runs of jobs, by how they ended.',
  labelNames: ['job', 'outcome'] as const,
  buckets: seconds,
  registers,
});

export const cacheReads = new Counter({
  name: 'cache_reads_total',
  help: 'fallthrough: Redis did not answer, and the database was asked.',
  labelNames: ['entry', 'outcome'] as const,
  registers,
});

export const canaryLastRun = new Gauge({
  name: 'canary_last_run_timestamp_seconds',
  help: 'When this process last looked through all layers, in seconds since 1970. Three intervals ago: nobody looks.',
  registers,
});

export const canaryOutcome = new Gauge({
  name: 'canary_last_run_outcome',
  help: '1 for the worst that a probe of the last run came to. blind and foreign are alarms.',
  labelNames: ['outcome'] as const,
  registers,
});

export const poolWaiting = new Gauge({
  name: 'database_pool_waiting',
  help: 'Statements and transactions that have no connection yet.',
  registers,
});
