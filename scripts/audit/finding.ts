/** Each rule, and what to do instead. */
export const remedies = {
  'module-state': 'Keep it in PostgreSQL or in a room of src/isolation; make constants readonly.',
  'static-state': 'A static member is one for all tenants: keep it in a room, or make it a constant.',
  'singleton-state': 'A provider is one for all tenants: assign fields during construction only.',
  'captured-state': 'The closure outlives the call that made the variable: return the value, or keep it in a room.',
  'global-state': 'Globals are one for all tenants: pass the value, or keep it in a room.',
  memoization: 'Cache through TenantCache, whose keys have the tenant.',
  'raw-client': 'A raw client knows no tenant: use its room under src/isolation.',
  'unregistered-store': 'Name it in the registry of its room, and pass the entry from there as it is.',
} as const;

export type Rule = keyof typeof remedies;

export interface Finding {
  readonly rule: Rule;
  /** From the project's root, with slashes. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** What an exception names, e.g. "TenantCache.#flights". */
  readonly symbol: string;
  readonly what: string;
}
