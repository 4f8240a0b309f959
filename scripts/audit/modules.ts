import ts from 'typescript';

/**
 * The module that a node brings in: a specifier, or the argument of any call, because `require` has
 * many names (import(), createRequire(), getBuiltinModule(), an alias without types). Undefined for other nodes.
 */
export function moduleNameOf(checker: ts.TypeChecker, node: ts.Node): string | undefined {
  const { parent } = node as { readonly parent?: ts.Node };
  if (!parent || isErased(parent)) return undefined;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isExternalModuleReference(parent))
    return ts.isStringLiteral(node) ? node.text : undefined;
  if (!ts.isCallExpression(parent) || !parent.arguments.some((argument) => argument === node)) return undefined;
  const declaration = checker.getResolvedSignature(parent)?.declaration;
  if (declaration?.getSourceFile().fileName.includes('/typescript/lib/')) return undefined; // 'redis'.startsWith('redis')
  const type = checker.getTypeAtLocation(node);
  return type.isStringLiteral() ? type.value : undefined;
}

/** `import type`, `export type`: nothing of it is there at run time. */
function isErased(node: ts.Node): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || !node.importClause) return false;
  const { phaseModifier, name, namedBindings } = node.importClause;
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements : undefined;
  return !name && named !== undefined && named.length > 0 && named.every(({ isTypeOnly }) => isTypeOnly);
}
