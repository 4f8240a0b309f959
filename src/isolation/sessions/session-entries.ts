/** A text that a session may keep. There is no other way to name one than by one of these. */
export interface SessionEntry {
  readonly name: string;
  /** Raise it when the meaning of the text changes. */
  readonly version: number;
  /** It is reached by the session's tenant, user and id, lives as long, and dies with it. */
  readonly scope: 'session';
  /** In UTF-8. */
  readonly maximumBytes: number;
}

/** The registry: everything that is kept with a session. */
export const sessionEntries = {
  scratchpad: entry({ name: 'scratchpad', version: 1, scope: 'session', maximumBytes: 4096 }),
  canary: entry({ name: 'canary', version: 1, scope: 'session', maximumBytes: 64 }),
} as const;

const registered = new Set<unknown>(Object.values(sessionEntries));

/** @throws Error for an entry that is not in the registry, however it was made */
export function assertRegistered(entry: SessionEntry): void {
  if (registered.has(entry)) return;
  throw new Error(
    `The session entry "${entry.name}" is not registered. Add it to src/isolation/sessions/session-entries.ts.`,
  );
}

function entry(definition: SessionEntry): SessionEntry {
  return Object.freeze(definition);
}
