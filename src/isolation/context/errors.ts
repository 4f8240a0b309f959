/** Something tenant-owned was reached before it was known for whom. */
export class MissingTenantError extends Error {
  override readonly name = 'MissingTenantError';

  constructor() {
    super(
      'No tenant in this execution. Potential fixes:\n' +
        '  - in a route: remove @Public(), so that the guard fills the context from the token\n' +
        '  - in a script, worker or test: wrap the work in TenantContext.run(identity, requestId, work)\n' +
        '  - in work across tenants: use SystemContext.run(work, fn)\n' +
        '  - in a callback kept from an earlier request: bind it with AsyncResource.bind()',
    );
  }
}

/** A scope keeps the tenant it was given: a second one would mean that two tenants share an execution. */
export class ContextAlreadySetError extends Error {
  override readonly name = 'ContextAlreadySetError';

  constructor() {
    super('This execution already has a tenant. Open a new scope with TenantContext.run() instead of changing it.');
  }
}
