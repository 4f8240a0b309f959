import { Global, Module } from '@nestjs/common';
import { Canary } from './canary.js';
import { CanaryProbes } from './canary-probes.js';
import { CanaryTenants } from './canary-tenants.js';
import { CacheProbe } from './probes/cache.probe.js';
import { DatabaseProbe } from './probes/database.probe.js';
import { MemoryProbe } from './probes/memory.probe.js';
import { QueueProbe } from './probes/queue.probe.js';
import { RealtimeProbe } from './probes/realtime.probe.js';
import { SessionsProbe } from './probes/sessions.probe.js';
import { StorageProbe } from './probes/storage.probe.js';

@Global()
@Module({
  providers: [
    Canary,
    CanaryProbes,
    CanaryTenants,
    DatabaseProbe,
    CacheProbe,
    SessionsProbe,
    MemoryProbe,
    StorageProbe,
    QueueProbe,
    RealtimeProbe,
  ],
  exports: [Canary, CanaryProbes],
})
export class CanaryModule {}
