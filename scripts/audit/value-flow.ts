import ts from 'typescript';
import {
  callsOf,
  declarationOf,
  elementMethods,
  isChangingFunction,
  isInlineFunction,
  isOfPackage,
  isSameObject,
  libraryName,
  namingsOf,
  parametersAt,
  type Call,
} from './calls.js';
import type { Source } from './source.js';
import {
  functionAround,
  isAccess,
  isAssignment,
  isWrapper,
  isWritten,
  memberName,
  namedBy,
  type Access,
} from './syntax.js';
import { isChangingMethod, isHolder, isPrimitive } from './types.js';

/** What an expression has of the value that is followed: the value itself, or parts of it in something fresh. */
type Share = 'itself' | { readonly member: string | undefined };
const parts = { member: undefined };

/**
 * Follows a value through aliases, parameters, results and copies, and collects the places that
 * change it. A scan for `new Map` at the top of a file would miss a Map that a function made, and
 * would blame the one that nobody changes.
 */
export class ValueFlow {
  readonly changes = new Set<ts.Node>();
  readonly #seen = new Set<ts.Node>();

  constructor(private readonly source: Source) {}

  /** @param isOwner the name is what is asked about: assigning to it is a change, and not only to what it holds */
  ofName(declaration: ts.Node, isOwner = false, share: Share = 'itself'): this {
    if (this.#seen.has(declaration)) return this;
    this.#seen.add(declaration);
    for (const use of this.source.usesOf(declaration)) {
      if (ts.isBindingElement(use)) this.#ofBinding(use.name, share);
      else {
        const expression = namedBy(use);
        if (isOwner && isWritten(expression)) this.changes.add(expression);
        else this.ofExpression(expression, share);
      }
    }
    return this;
  }

  ofExpression(expression: ts.Node, share: Share = 'itself'): this {
    if (this.#seen.has(expression) || isPrimitive(this.source.checker.getTypeAtLocation(expression))) return this;
    this.#seen.add(expression);
    const { parent } = expression;
    if (isAccess(parent)) {
      if (parent.expression === expression) this.#ofAccess(parent, expression, share);
    } else if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
      if (parent.expression !== expression) this.#ofArgument(parent, expression, share);
    } else if (ts.isVariableDeclaration(parent)) {
      if (parent.initializer === expression) this.#ofBinding(parent.name, share);
    } else if (ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent)) this.ofExpression(parent.parent, parts);
    else if (ts.isArrayLiteralExpression(parent)) this.ofExpression(parent, parts);
    else if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent))
      this.ofExpression(parent.parent, { member: (parent.name as { text?: string }).text });
    else if (ts.isPropertyDeclaration(parent) || ts.isParameter(parent)) this.ofName(parent, false, share);
    else if (ts.isReturnStatement(parent)) this.#ofResult(functionAround(parent), share);
    else if (ts.isArrowFunction(parent)) this.#ofResult(parent, share);
    else if (ts.isForOfStatement(parent)) this.#ofLoop(parent, expression);
    else if (ts.isBinaryExpression(parent)) this.#ofBinary(parent, expression, share);
    else if (isWrapper(parent) || ts.isAwaitExpression(parent) || ts.isConditionalExpression(parent))
      this.ofExpression(parent, share);
    return this;
  }

  #ofAccess(access: Access, expression: ts.Node, share: Share): void {
    const name = memberName(access);
    if (share !== 'itself' && share.member !== undefined && name !== undefined && name !== share.member) return;
    const isBorrowing = isAccess(expression) && memberName(expression) === 'prototype';
    const isChange = isWritten(access) || (!isBorrowing && this.#isChangingMethod(expression, name));
    if (isChange) {
      if (share === 'itself') this.changes.add(access); // a copy is its maker's own
    } else if (ts.isCallExpression(access.parent) && access.parent.expression === access) {
      this.#ofMethodCall(access.parent, access, name ?? '');
    } else this.ofExpression(access);
  }

  #isChangingMethod(receiver: ts.Node, method: string | undefined): boolean {
    return method !== undefined && isChangingMethod(this.source.checker.getTypeAtLocation(receiver), method);
  }

  /** The result, and what callbacks are given, have parts of the container that a method is called on. */
  #ofMethodCall(call: ts.CallExpression, access: Access, name: string): void {
    if (!isHolder(this.source.checker.getTypeAtLocation(access.expression))) return;
    for (const callback of call.arguments.filter(isInlineFunction))
      for (const { name: parameter } of callback.parameters.slice(name.startsWith('reduce') ? 1 : 0))
        this.#ofBinding(parameter, 'itself');
    this.ofExpression(call, elementMethods.has(name) ? 'itself' : parts);
  }

  #ofArgument(call: Call, expression: ts.Node, share: Share): void {
    const index = call.arguments?.findIndex((argument) => argument === expression) ?? -1;
    const declaration = declarationOf(this.source.checker, call);
    if (declaration && this.source.isOurs(declaration)) {
      for (const parameter of parametersAt(this.source, call, declaration, index)) {
        if (ts.isParameterPropertyDeclaration(parameter, parameter.parent)) this.ofName(parameter, false, share);
        this.#ofBinding(parameter.name, parameter.dotDotDotToken ? parts : share);
      }
      return;
    }
    const name = declaration ? libraryName(declaration) : '';
    if (isChangingFunction(name, index) || this.#isBorrowed(call, index)) this.changes.add(call);
    else if (!declaration || !isOfPackage(declaration)) this.ofExpression(call, isSameObject(name) ? share : parts);
  }

  /** Map.prototype.set.call(map, …) */
  #isBorrowed({ expression: callee }: Call, index: number): boolean {
    if (index !== 0 || !isAccess(callee) || !/^(call|apply|bind)$/.test(memberName(callee) ?? '')) return false;
    const method = callee.expression;
    return isAccess(method) && this.#isChangingMethod(method.expression, memberName(method));
  }

  #ofBinding(name: ts.BindingName, share: Share): void {
    if (ts.isIdentifier(name)) this.ofName(name.parent, false, share);
    else
      for (const element of name.elements) {
        if (ts.isOmittedExpression(element)) continue;
        const property = (element.propertyName ?? element.name).getText();
        const isOther = share !== 'itself' && share.member !== undefined && share.member !== property;
        if (!isOther || element.dotDotDotToken) this.#ofElement(element);
      }
  }

  #ofElement(element: ts.BindingElement): void {
    const property = element.propertyName ?? element.name;
    const type = this.source.checker.getTypeAtLocation(element.parent);
    // const { set } = map: taken to be called
    if (ts.isIdentifier(property) && isChangingMethod(type, property.text)) this.changes.add(element);
    this.#ofBinding(element.name, element.dotDotDotToken ? parts : 'itself');
  }

  #ofLoop({ initializer }: ts.ForOfStatement, expression: ts.Node): void {
    if (!ts.isVariableDeclarationList(initializer) || expression.parent !== initializer.parent) return;
    for (const { name } of initializer.declarations) this.#ofBinding(name, 'itself');
  }

  #ofBinary(binary: ts.BinaryExpression, expression: ts.Node, share: Share): void {
    const isFallback = /^(\?\?|\|\||&&|,)$/.test(binary.operatorToken.getText());
    if (isFallback) this.ofExpression(binary, share);
    if (!isAssignment(binary) || binary.right !== expression) return;
    const target = isAccess(binary.left) && ts.isPropertyAccessExpression(binary.left) ? binary.left.name : binary.left;
    const declaration = this.source.checker.getSymbolAtLocation(target)?.valueDeclaration;
    if (declaration && this.source.isOurs(declaration)) this.ofName(declaration, false, share);
    this.ofExpression(binary, share);
  }

  /** Wherever the function is called by its name, or its getter read. */
  #ofResult(returning: ts.SignatureDeclaration | undefined, share: Share): void {
    if (!returning) return;
    const results = ts.isGetAccessor(returning) ? namingsOf(this.source, returning) : callsOf(this.source, returning);
    for (const result of results) this.ofExpression(result, share);
  }
}
