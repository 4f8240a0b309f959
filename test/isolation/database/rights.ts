/** What each role that the application uses may do, by table and function; a column where it is not the whole row. */
export const rights = {
  app: {
    counters: 'INSERT, SELECT, UPDATE (value)',
    files: 'DELETE, INSERT, SELECT',
    memberships: 'SELECT, UPDATE (name, role, status)',
    outbox: 'DELETE, INSERT, SELECT, UPDATE (dispatched_at, failed_at, failure, run, run_at)',
    projects: 'DELETE, INSERT, SELECT, UPDATE',
    reports: 'INSERT, SELECT, UPDATE (finished_at, result, status)',
    tasks: 'DELETE, INSERT, SELECT, UPDATE',
    tenants: 'SELECT',
    unclaimed_objects: 'DELETE, INSERT, SELECT',
    current_tenant: 'EXECUTE',
    next_number: 'EXECUTE',
  },
  system: {
    memberships: 'INSERT, SELECT',
    outbox: 'SELECT, UPDATE (dispatched_at)',
    system_audit: 'INSERT',
    system_audit_id_seq: 'USAGE',
    tenants: 'INSERT, SELECT',
    unclaimed_objects: 'DELETE, SELECT',
    users: 'INSERT, SELECT, UPDATE (password_hash)',
    system_work: 'EXECUTE',
  },
} as const;
