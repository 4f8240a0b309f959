import { audit } from './catalogue/audit.js';
import { cache } from './catalogue/cache.js';
import { canary } from './catalogue/canary.js';
import { context } from './catalogue/context.js';
import { database } from './catalogue/database.js';
import { http } from './catalogue/http.js';
import { limits } from './catalogue/limits.js';
import { logging } from './catalogue/logging.js';
import { memory } from './catalogue/memory.js';
import { policies } from './catalogue/policies.js';
import { project } from './catalogue/project.js';
import { queue } from './catalogue/queue.js';
import { realtime } from './catalogue/realtime.js';
import { sessions } from './catalogue/sessions.js';
import { storage } from './catalogue/storage.js';
import type { Sabotage } from './sabotage.js';

/** Every sabotage there is. Those of policies are read from the migrated database. */
export async function catalogue(): Promise<readonly Sabotage[]> {
  return [
    ...context,
    ...http,
    ...database,
    ...(await policies()),
    ...cache,
    ...canary,
    ...sessions,
    ...memory,
    ...queue,
    ...storage,
    ...limits,
    ...realtime,
    ...logging,
    ...audit,
    ...project,
  ];
}
