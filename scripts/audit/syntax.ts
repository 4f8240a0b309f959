import ts from 'typescript';

export function descendants(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (each: ts.Node): void => {
    found.push(each);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

export type Access = ts.PropertyAccessExpression | ts.ElementAccessExpression;
export function isAccess(node: ts.Node): node is Access {
  return ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
}

/** `x` of `a.x` and `a['x']`; undefined where it is computed. */
export function memberName(access: Access): string | undefined {
  if (ts.isPropertyAccessExpression(access)) return access.name.text;
  const { argumentExpression: argument } = access;
  return ts.isStringLiteralLike(argument) ? argument.text : undefined;
}

/** The expression that a use of a name is: for a member's name, with what it is a member of. */
export function namedBy(use: ts.Node): ts.Node {
  return isAccess(use.parent) && use.parent.expression !== use ? use.parent : use;
}

/** Parentheses and what the compiler erases. */
export function isWrapper(node: ts.Node): node is ts.ParenthesizedExpression | ts.AssertionExpression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isTypeAssertionExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isSatisfiesExpression(node)
  );
}

export function unwrapped(expression: ts.Expression): ts.Expression {
  return isWrapper(expression) ? unwrapped(expression.expression) : expression;
}

/** The expression with all wrappers around it. */
export function outermost(expression: ts.Node): ts.Node {
  return isWrapper(expression.parent) ? outermost(expression.parent) : expression;
}

/** Assigned, counted up or down, deleted, or the target of a destructuring or a loop. */
export function isWritten(expression: ts.Node): boolean {
  const { parent } = expression;
  if (isWrapper(parent)) return isWritten(parent);
  if (ts.isDeleteExpression(parent)) return true;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
  if (ts.isBinaryExpression(parent)) return parent.left === expression && isAssignment(parent);
  if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return parent.initializer === expression;
  if (ts.isArrayLiteralExpression(parent) || ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent))
    return isWritten(parent);
  if (ts.isPropertyAssignment(parent)) return parent.initializer === expression && isWritten(parent.parent);
  if (ts.isShorthandPropertyAssignment(parent)) return isWritten(parent.parent);
  return false;
}

export function isAssignment({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** The innermost function around a node; undefined for what runs when the module, class or object is made. */
export function functionAround(node: ts.Node): ts.SignatureDeclaration | undefined {
  return ts.findAncestor(node.parent, (each) => ts.isFunctionLike(each));
}

/** The identifiers that a declaration's name introduces. */
export function boundNames(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

/** `Class.member`, `function.variable`, or the plain name. */
export function qualified(name: ts.Node): string {
  const around = ts.findAncestor(name.parent.parent, (node) => ts.isClassLike(node) || ts.isFunctionLike(node));
  const outer = around && nameOf(around);
  return outer === undefined ? name.getText() : `${outer}.${name.getText()}`;
}

function nameOf(node: ts.Node): string | undefined {
  const named = ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent : node;
  if (ts.isConstructorDeclaration(node)) return nameOf(node.parent);
  return (named as ts.NamedDeclaration).name?.getText();
}
