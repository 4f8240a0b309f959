import ts from 'typescript';
import type { Finding } from '../finding.js';
import type { Source } from '../source.js';
import { descendants, functionAround, isAccess, isWritten, memberName, outermost, type Access } from '../syntax.js';
import { heldInstance } from '../types.js';
import { ValueFlow } from '../value-flow.js';

/**
 * Fields that change after construction, of whatever class: a provider need not be decorated, and a
 * class whose objects live for one statement only has a line in the exceptions that says so.
 */
export function classState(source: Source): Finding[] {
  return source.files.flatMap(descendants).flatMap((node) => {
    if (isField(node)) return fieldState(source, node);
    if (node.kind === ts.SyntaxKind.ThisKeyword) return undeclaredState(source, node);
    return [];
  });
}

type Field = ts.PropertyDeclaration | ts.ParameterPropertyDeclaration;
function isField(node: ts.Node): node is Field {
  return ts.isPropertyDeclaration(node) || ts.isParameterPropertyDeclaration(node, node.parent);
}

function fieldState(source: Source, field: Field): Finding[] {
  const owner = ts.isPropertyDeclaration(field) ? field.parent : field.parent.parent;
  const symbol = `${owner.name?.text ?? 'class'}.${field.name.getText()}`;
  const isStatic = (ts.getCombinedModifierFlags(field) & ts.ModifierFlags.Static) !== 0;
  const rule = isStatic ? 'static-state' : 'singleton-state';
  const instance = isStatic ? heldInstance(source.checker, source.checker.getTypeAtLocation(field)) : undefined;
  if (instance !== undefined)
    return [
      source.finding(rule, field, symbol, `is an object of the class ${instance}, which may remember what it is given`),
    ];
  const { changes } = new ValueFlow(source).ofName(field, true);
  const change = [...changes].find((each) => !isConstruction(each, owner, isStatic));
  if (!change) return [];
  return [
    source.finding(rule, field, symbol, `is changed at ${source.pathOf(change)}:${String(source.lineOf(change))}`),
  ];
}

/** The constructor's own statements, initializers and onModuleInit: not what a callback made there does later. */
function isConstruction(change: ts.Node, owner: ts.ClassLikeDeclaration, isStatic: boolean): boolean {
  const around = functionAround(change);
  if (isStatic) return around === undefined;
  const isInit = around !== undefined && ts.isMethodDeclaration(around) && around.name.getText() === 'onModuleInit';
  return around?.parent === owner && (ts.isConstructorDeclaration(around) || isInit);
}

/** `this[key] = …`, Object.assign(this, …), this.constructor.x = …, and fields of a class that is not ours. */
function undeclaredState(source: Source, self: ts.Node): Finding[] {
  const owner = ts.findAncestor(self, ts.isClassLike);
  if (!owner || !isOf(self, owner) || isConstruction(self, owner, false)) return [];
  const { parent } = outermost(self);
  const finding = (member: string) =>
    source.finding(
      'singleton-state',
      self,
      `${owner.name?.text ?? 'class'}.${member}`,
      'is changed after construction',
    );
  if (isAccess(parent)) {
    const member = memberName(parent) ?? '[computed]';
    const isChange = isWritten(parent) ? !isDeclaredHere(source, parent) : isConstructorChanged(source, parent);
    return isChange ? [finding(member)] : [];
  }
  return ts.isCallExpression(parent) && new ValueFlow(source).ofExpression(self).changes.has(parent)
    ? [finding('this')]
    : [];
}

function isConstructorChanged(source: Source, access: Access): boolean {
  return memberName(access) === 'constructor' && new ValueFlow(source).ofExpression(access).changes.size > 0;
}

/** Whether `this` is an object of that class, and not of an object literal or a plain function inside it. */
function isOf(self: ts.Node, owner: ts.ClassLikeDeclaration): boolean {
  const around = ts.findAncestor(self, (node) => ts.isFunctionLike(node) && !ts.isArrowFunction(node));
  return around === undefined || around.parent === owner;
}

/** A field of ours, which has a finding of its own; or a setter, whose fields have. */
function isDeclaredHere(source: Source, access: Access): boolean {
  const name = ts.isPropertyAccessExpression(access) ? access.name : access.argumentExpression;
  const declaration = source.checker.getSymbolAtLocation(name)?.valueDeclaration;
  return (
    declaration !== undefined && source.isOurs(declaration) && (isField(declaration) || ts.isAccessor(declaration))
  );
}
