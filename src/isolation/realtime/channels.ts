import type { TenantUser } from '../context/index.js';
import type { RealtimeEvent } from './events.js';

/** In braces the tenant is Redis Cluster's hash tag, as in every other name of ours. */
export const tenantChannel = ({ tenantId }: Pick<TenantUser, 'tenantId'>): string => `v1:{${tenantId}}:events`;

/** A user in one tenant: in another tenant the same person has another channel. */
export const userChannel = ({ tenantId, userId }: TenantUser): string => `${tenantChannel({ tenantId })}:${userId}`;

export const channelOf = (event: RealtimeEvent, identity: TenantUser): string =>
  event.scope === 'user' ? userChannel(identity) : tenantChannel(identity);
