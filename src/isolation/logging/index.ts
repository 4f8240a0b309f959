// LOGGING: what is said about a request while it runs, and afterwards.
// Without it: a record names the wrong tenant or none, quotes a customer's text, or is forged by one.
// Guarantee: each record takes whose it is from the context, and there is none without, but of listed
// system scopes; one JSON object a line; no secrets, no contents. Metrics have labels of ours only.
// Proof: test/isolation/logging
export { LoggingModule } from './logging.module.js';
export { cacheReads, canaryLastRun, canaryOutcome, isolationViolations, jobRuns, poolWaiting } from './metrics.js';
export { inJobSpan, inRequestSpan, inSpan, startSpan } from './tracing.js';
export { recordRequest } from './request-record.js';
export { applicationLogger, reportBootFailure, standardOutput, type LogDestination } from './application-logger.js';
