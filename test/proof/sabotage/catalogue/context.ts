import { sabotagesOf } from '../sabotage.js';

export const context = sabotagesOf('src/isolation/context', 'test/isolation/context', [
  [
    'context: reading an empty one throws',
    'tenant-context.ts',
    'if (!identity) throw new MissingTenantError();',
    "if (!identity) return { tenantId: '', userId: '', role: 'admin', sessionId: '' };",
    'tenant-context',
    'outside each of them throws an error that names the fixes',
  ],
  [
    'context: a scope is filled once',
    'tenant-context.ts',
    'if (scope.identity) throw new ContextAlreadySetError();',
    '',
    'tenant-context',
    'a scope is filled once',
  ],
  [
    'context: nothing is filled outside a scope',
    'tenant-context.ts',
    'if (!scope) throw new MissingTenantError();\n    if (scope.identity)',
    'if (!scope) return;\n    if (scope.identity)',
    'tenant-context',
    'outside any scope there is nothing to fill',
  ],
  [
    'context: tenant and user are UUIDs',
    'tenant-context.ts',
    'if (!uuid.test(identity.tenantId) || !uuid.test(identity.userId))',
    'if (identity.tenantId === undefined)',
    'tenant-context',
    'what is not a lower-case UUID is no tenant',
  ],
  [
    'context: the identity is frozen',
    'tenant-context.ts',
    'Object.freeze({ tenantId, userId, role, sessionId })',
    '{ tenantId, userId, role, sessionId }',
    'tenant-context',
    'the identity cannot be changed',
  ],
  [
    'context: the identity is a copy',
    'tenant-context.ts',
    'scope.identity = Object.freeze({ tenantId, userId, role, sessionId });',
    'scope.identity = identity;',
    'tenant-context',
    'the identity cannot be changed',
  ],
  [
    'context: what is awaited is awaited inside',
    'tenant-context.ts',
    `const filled = async () => {
      this.fill(identity);
      return await work();
    };`,
    `const filled = () => {
      this.fill(identity);
      return work() as Promise<T>;
    };`,
    'tenant-context',
    'a thenable that does its work when awaited does it in the scope that made it',
  ],
  [
    'context: a scope ends with its work',
    'tenant-context.ts',
    'return scopes.run({ requestId, job }, work);',
    'scopes.enterWith({ requestId, job });\n    return work();',
    'tenant-context',
    'a scope inside another one is its own',
  ],
]);
