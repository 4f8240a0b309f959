import ts from 'typescript';
import { descendants } from './syntax.js';

/** Every use of every name, by the node that declares it: a symbol of a generic or a union is another each time. */
export function indexUses(checker: ts.TypeChecker, files: readonly ts.SourceFile[]): Map<ts.Node, ts.Node[]> {
  const uses = new Map<ts.Node, ts.Node[]>();
  const add = (symbol: ts.Symbol | undefined, use: ts.Node): void => {
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of target?.declarations ?? []) {
      const known = uses.get(declaration);
      if (known) known.push(use);
      else uses.set(declaration, [use]);
    }
  };
  for (const node of files.flatMap(descendants)) {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) add(checker.getSymbolAtLocation(node), node);
    // this['counts']
    else if (ts.isStringLiteralLike(node) && ts.isElementAccessExpression(node.parent))
      add(checker.getSymbolAtLocation(node), node);
    // const { counts } = this
    else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = node.propertyName ?? node.name;
      if (ts.isIdentifier(name)) add(checker.getTypeAtLocation(node.parent).getProperty(name.text), node);
    }
    // { counts }: the name is that of the property, the value that of the variable
    if (ts.isShorthandPropertyAssignment(node)) add(checker.getShorthandAssignmentValueSymbol(node), node.name);
  }
  return uses;
}
