/** How long a session may go on, in seconds. */
export interface SessionLifetime {
  /** Without a refresh. */
  readonly idleSeconds: number;
  /** However often it is refreshed. */
  readonly absoluteSeconds: number;
}

const day = 24 * 60 * 60;

export const memberLifetime: SessionLifetime = { idleSeconds: 7 * day, absoluteSeconds: 30 * day };
/** Nobody logs a visitor out: an hour, and it cannot be refreshed. */
export const visitorLifetime: SessionLifetime = { idleSeconds: 60 * 60, absoluteSeconds: 60 * 60 };

/** Between opening a session and knowing what it grants. */
export const pendingMs = 30_000;

/** For this long after a refresh the refresh token before it gives the same answer: a second tab, or an answer that got lost. */
export const graceMs = 10_000;
