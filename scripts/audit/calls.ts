import ts from 'typescript';
import type { Source } from './source.js';
import { namedBy } from './syntax.js';

export type Call = ts.CallExpression | ts.NewExpression;

/** Functions of the language that change an argument: its position, by the declaration's name. */
const changingFunctions: Readonly<Record<string, number>> = {
  'ObjectConstructor.assign': 0,
  'ObjectConstructor.defineProperty': 0,
  'ObjectConstructor.defineProperties': 0,
  'ObjectConstructor.setPrototypeOf': 0,
  'Reflect.set': 0,
  'Reflect.defineProperty': 0,
  'Reflect.deleteProperty': 0,
  'Reflect.setPrototypeOf': 0,
  'Reflect.apply': 1,
  'Reflect.defineMetadata': 2,
};
/** Methods of containers whose result is what the container holds, and not a copy of some of it. */
export const elementMethods = new Set(['get', 'at', 'find', 'findLast', 'pop', 'shift', 'next', 'then']);

export function isChangingFunction(name: string, index: number): boolean {
  return changingFunctions[name] === index || name.startsWith('Atomics.');
}

/** The result is the argument. */
export function isSameObject(name: string): boolean {
  return /^ObjectConstructor\.(freeze|seal|preventExtensions)$|^PromiseConstructor\.resolve$/.test(name);
}

export function declarationOf(checker: ts.TypeChecker, call: Call): ts.SignatureDeclaration | undefined {
  const declaration = checker.getResolvedSignature(call)?.declaration;
  return declaration && !ts.isJSDocSignature(declaration) ? declaration : undefined;
}

/** `ObjectConstructor.assign`, `Reflect.set`. */
export function libraryName(declaration: ts.SignatureDeclaration): string {
  const around = ts.findAncestor(
    declaration.parent,
    (node) => ts.isInterfaceDeclaration(node) || ts.isModuleDeclaration(node),
  );
  return `${(around as ts.NamedDeclaration | undefined)?.name?.getText() ?? ''}.${declaration.name?.getText() ?? ''}`;
}

/** Of a package, and not of the language or of Node: what it does with a value is not followed. */
export function isOfPackage(declaration: ts.Node): boolean {
  const { fileName } = declaration.getSourceFile();
  return fileName.includes('/node_modules/') && !/\/node_modules\/(typescript|@types\/node)\//.test(fileName);
}

export function isInlineFunction(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

/**
 * The parameters that an argument becomes. Of a callback, which is called by what it was passed to,
 * they are those of every function that is passed there.
 */
export function parametersAt(
  source: Source,
  call: Call,
  declaration: ts.SignatureDeclaration,
  index: number,
): ts.ParameterDeclaration[] {
  const ofFunction = (each: ts.SignatureDeclaration) => {
    const parameters = each.parameters.filter(({ name }) => name.getText() !== 'this');
    return parameters[Math.min(index, parameters.length - 1)] ?? [];
  };
  if (!ts.isFunctionTypeNode(declaration)) return [ofFunction(declaration)].flat();
  const callback = source.checker.getSymbolAtLocation(call.expression)?.valueDeclaration;
  if (!callback || !ts.isParameter(callback)) return [];
  return argumentsFor(source, callback).filter(isInlineFunction).flatMap(ofFunction);
}

/** What is passed for a parameter, wherever its function is called by name. */
function argumentsFor(source: Source, parameter: ts.ParameterDeclaration): ts.Node[] {
  const index = parameter.parent.parameters.indexOf(parameter);
  return callsOf(source, parameter.parent).flatMap((call) => call.arguments[index] ?? []);
}

export function callsOf(source: Source, called: ts.SignatureDeclaration): ts.CallExpression[] {
  return namingsOf(source, called).flatMap((callee) => {
    const { parent } = callee;
    return ts.isCallExpression(parent) && parent.expression === callee ? parent : [];
  });
}

/** Where a function is named: by its own name, or by that of the variable or member that holds it. */
export function namingsOf(source: Source, named: ts.SignatureDeclaration): ts.Node[] {
  const { parent } = named;
  const isHeld =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return source.usesOf(isHeld ? parent : named).map(namedBy);
}
