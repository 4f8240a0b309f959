import ts from 'typescript';
import { declarationOf } from '../calls.js';
import type { Finding } from '../finding.js';
import type { Source } from '../source.js';
import { boundNames, descendants, functionAround, isAccess, outermost, unwrapped } from '../syntax.js';
import { heldInstance } from '../types.js';
import { ValueFlow } from '../value-flow.js';

/** What a module keeps between two calls: one for all tenants, for as long as the process lives. */
export function moduleState(source: Source): Finding[] {
  return source.files.flatMap((file) => moduleNodes(file).flatMap((node) => findingsOf(source, node)));
}

function findingsOf(source: Source, node: ts.Node): Finding[] {
  const finding = (at: ts.Node, symbol: string, what: string) => source.finding('module-state', at, symbol, what);
  if (ts.isVariableDeclaration(node) && !ts.isCatchClause(node.parent)) {
    return boundNames(node.name).flatMap((name) => {
      const what = stateOf(source, name, name.parent, node.initializer);
      return what === undefined ? [] : [finding(name, name.text, what)];
    });
  }
  if (ts.isExportAssignment(node) && !ts.isIdentifier(node.expression)) {
    const what = stateOf(source, node.expression, node, node.expression);
    return what === undefined ? [] : [finding(node, 'default', what)];
  }
  if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isEnumDeclaration(node)) && node.name) {
    const what = changed(source, new ValueFlow(source).ofName(node), isStaticMember(source));
    return what === undefined ? [] : [finding(node.name, node.name.text, what)];
  }
  return [];
}

/** @param value what names the value, for its type */
function stateOf(
  source: Source,
  value: ts.Node,
  declaration: ts.Node,
  initializer?: ts.Expression,
): string | undefined {
  const instance =
    heldInstance(source.checker, source.checker.getTypeAtLocation(value)) ?? instanceMade(source, initializer);
  if (instance !== undefined) return `is an object of the class ${instance}, which may remember what it is given`;
  if (isStatefulPattern(source, declaration, initializer))
    return 'is a regular expression that remembers where its last match ended';
  const flow = new ValueFlow(source).ofName(declaration, true);
  for (const self of initializer ? selves(initializer) : []) flow.ofExpression(self);
  return changed(source, flow);
}

/** The class behind a variable that is declared as an interface: of `new`, here or in the function that is called here. */
function instanceMade(source: Source, made: ts.Expression | undefined): string | undefined {
  if (!made) return undefined;
  const expression = unwrapped(made);
  const instance = heldInstance(source.checker, source.checker.getTypeAtLocation(expression));
  const maker = ts.isCallExpression(expression) ? declarationOf(source.checker, expression) : undefined;
  if (instance !== undefined || !maker || !source.isOurs(maker)) return instance;
  return descendants(maker)
    .filter((node) => ts.isNewExpression(node) && functionAround(node) === maker && isHandedBack(node))
    .map((node) => heldInstance(source.checker, source.checker.getTypeAtLocation(node)))
    .find((each) => each !== undefined);
}

function isHandedBack(node: ts.Node): boolean {
  const { parent } = outermost(node);
  return ts.isReturnStatement(parent) || ts.isArrowFunction(parent);
}

/** `this` of an object literal's methods. */
function selves(initializer: ts.Expression): ts.Node[] {
  return descendants(initializer).filter((node) => {
    if (node.kind !== ts.SyntaxKind.ThisKeyword) return false;
    const around = ts.findAncestor(node, (each) => ts.isFunctionLike(each) && !ts.isArrowFunction(each));
    return (
      around !== undefined && (ts.isObjectLiteralExpression(around.parent) || ts.isPropertyAssignment(around.parent))
    );
  });
}

/** Changes by the module itself, while it is evaluated, are how a constant is made. */
function changed(
  source: Source,
  { changes }: ValueFlow,
  isElsewhere: (change: ts.Node) => boolean = () => false,
): string | undefined {
  const change = [...changes].find((each) => functionAround(each) !== undefined && !isElsewhere(each));
  return change && `is changed at ${source.pathOf(change)}:${String(source.lineOf(change))}`;
}

/** Declared static members have a rule of their own. */
function isStaticMember(source: Source): (change: ts.Node) => boolean {
  return (change) => {
    const name = isAccess(change) && ts.isPropertyAccessExpression(change) ? change.name : change;
    const declaration = source.checker.getSymbolAtLocation(name)?.valueDeclaration;
    return declaration !== undefined && ts.isPropertyDeclaration(declaration);
  };
}

/** With the flag g or y, `test` and `exec` go on where the last caller's match ended. */
function isStatefulPattern(source: Source, declaration: ts.Node, initializer: ts.Expression | undefined): boolean {
  if (!initializer || !/\/[a-z]*[gy][a-z]*$|RegExp\(.*,/s.test(initializer.getText())) return false;
  const isPattern = source.checker.getTypeAtLocation(initializer).getProperty('lastIndex') !== undefined;
  const uses = source.usesOf(declaration).map(({ parent }) => parent);
  return isPattern && uses.some((use) => isAccess(use) && /\.(test|exec|lastIndex)$/.test(use.getText()));
}

/** Everything outside functions and classes. */
function moduleNodes(file: ts.SourceFile): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    found.push(node);
    if (!ts.isFunctionLike(node) && !ts.isClassLike(node)) ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
