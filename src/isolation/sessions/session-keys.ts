import type { TenantIdentity, TenantUser } from '../context/index.js';

/** All that names a session. Its id alone finds nothing. */
export type SessionName = Pick<TenantIdentity, 'tenantId' | 'userId' | 'sessionId'>;

/** `v1:{user}:session:tenant:session`. A session id under another tenant or user is another key, at which there is nothing. */
export const sessionKey = (session: SessionName): string => sessionKeyPrefix(session.userId) + memberOf(session);

/**
 * The channel on which the end of a session is told, as it ends: it is called like the key. Whatever is said there
 * means that, and whoever could say it falsely could end the session.
 */
export const endingChannel = sessionKey;

/**
 * In braces the user is Redis Cluster's hash tag: a person's sessions of all tenants share a slot with
 * their index, so that one script ends them all.
 */
export const sessionKeyPrefix = (userId: string): string => `v1:{${userId}}:session:`;

/** The person's sessions, by when they expire. */
export const indexKey = (userId: string): string => `v1:{${userId}}:sessions`;

/** A session in its owner's index. */
export const memberOf = ({ tenantId, sessionId }: Omit<SessionName, 'userId'>): string => `${tenantId}:${sessionId}`;

/** Whose a session id is or was: asked only when a session is refused, to tell an old one from somebody else's. */
export const ownerKey = (sessionId: string): string => `v1:{${sessionId}}:session-owner`;

export const ownerOf = ({ tenantId, userId }: TenantUser): string => `${tenantId}:${userId}`;
