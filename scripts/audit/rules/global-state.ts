import ts from 'typescript';
import type { Finding } from '../finding.js';
import type { Source } from '../source.js';
import { descendants } from '../syntax.js';
import { ValueFlow } from '../value-flow.js';

/** Writes to what belongs to the process or to a package: globalThis, process.env, prototypes, a package's defaults. */
export function globalState(source: Source): Finding[] {
  return source.files.flatMap(descendants).flatMap((node) => {
    if (!isForeign(source, node)) return [];
    const { changes } = new ValueFlow(source).ofExpression(node);
    return [...changes].map((change) =>
      source.finding('global-state', change, change.getText().split('\n', 1)[0] ?? '', `changes ${node.getText()}`),
    );
  });
}

function isForeign(source: Source, node: ts.Node): boolean {
  if (ts.isMetaProperty(node)) return true;
  if (!ts.isIdentifier(node) || !isRead(node)) return false;
  const symbol = source.checker.getSymbolAtLocation(node);
  if (!symbol) return false;
  const target = symbol.flags & ts.SymbolFlags.Alias ? source.checker.getAliasedSymbol(symbol) : symbol;
  return (target.declarations ?? []).every((declaration) => !source.isAudited(declaration));
}

/** An expression by itself: no member's name, no declaration, no type. */
function isRead({ parent }: ts.Node): boolean {
  return !ts.isTypeNode(parent) && !ts.isQualifiedName(parent) && !ts.isImportSpecifier(parent);
}
