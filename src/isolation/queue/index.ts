// QUEUE: work that outlives its request, done in another process.
// Without it: a worker takes the tenant from the job's own word, or from the job before it.
// Guarantee: a job is a row of its tenant's transaction; the worker believes a signed envelope and
// nothing else, finds tenant and member active, and commits the effect together with the row's end.
// Proof: test/isolation/queue
export { JobHandlers, type JobHandler } from './job-handler.js';
export { JobQueue, type JobSchedule } from './job-queue.js';
export { jobs, type Job } from './jobs.js';
export { QueueModule } from './queue.module.js';
export { QueueWorkerModule } from './queue-worker.module.js';
