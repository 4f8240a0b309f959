import { currentScope, runningSystemWork } from '../context/index.js';
import { unauthenticated } from './system-scopes.js';

/** Whom a record or a span belongs to. */
export interface Stamp {
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Of a request; of a job, the id of its row. */
  readonly requestId?: string | undefined;
  readonly job?: string | undefined;
  /** Work across tenants that is running, by its name (SystemContext). */
  readonly systemWork?: string | undefined;
  /** Instead of a tenant. */
  readonly scope?: string | undefined;
}

/** Undefined outside any request, job and system work. */
export function currentStamp(): Stamp | undefined {
  const { requestId, job, identity } = currentScope() ?? {};
  const systemWork = runningSystemWork();
  if (identity) {
    const { tenantId, userId, sessionId } = identity;
    return { tenantId, userId, sessionId, requestId, job, systemWork };
  }
  if (requestId !== undefined) return { requestId, job, systemWork, scope: unauthenticated };
  return systemWork === undefined ? undefined : { systemWork, scope: systemWork };
}
