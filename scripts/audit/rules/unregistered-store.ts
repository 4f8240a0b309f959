import ts from 'typescript';
import type { Finding } from '../finding.js';
import type { Source } from '../source.js';
import { descendants, unwrapped } from '../syntax.js';
import { isAny, symbolOf } from '../types.js';

const room = '/src/isolation/';
/** Files that list all that a room may keep, beside the interface of what they list. */
const registry = /\/src\/isolation\/[^/]+\/(.+-entries|jobs|events)\.ts$/;

/** Something stored under a name that no registry has, or a room's types switched off to get there. */
export function unregisteredStore(source: Source): Finding[] {
  return source.files.flatMap(descendants).flatMap((node) => {
    const symbol = ownEntry(source, node) ?? erasedArgument(source, node) ?? erasedRoom(source, node);
    return symbol === undefined ? [] : [source.finding('unregistered-store', node, ...symbol)];
  });
}

type Found = [symbol: string, what: string] | undefined;

/** An entry made on the spot: `{ name: …, scope: … }` where one of a registry is expected, or something asserted to be one. */
function ownEntry(source: Source, node: ts.Node): Found {
  const isAssertion = isAsserted(node);
  if (!isAssertion && (!ts.isObjectLiteralExpression(node) || isAsserted(node.parent))) return undefined;
  const expected = isAssertion ? source.checker.getTypeAtLocation(node.type) : source.checker.getContextualType(node);
  const symbol = symbolOf(expected);
  const home = symbol?.declarations?.find((each) => ts.isInterfaceDeclaration(each) && isRegistry(each));
  const isEntry = symbol?.members?.has(ts.escapeLeadingUnderscores('name')) ?? false;
  if (!home || !symbol || !isEntry || home.getSourceFile() === node.getSourceFile()) return undefined;
  return [symbol.name, `a ${symbol.name} is made outside ${source.pathOf(home)}`];
}

function isRegistry(node: ts.Node): boolean {
  return registry.test(node.getSourceFile().fileName);
}

function isAsserted(node: ts.Node): node is ts.AsExpression | ts.TypeAssertion {
  return ts.isAsExpression(node) || ts.isTypeAssertionExpression(node);
}

/** What is passed to a room is of type any or never, so that anything fits: a key as a string, say. */
function erasedArgument(source: Source, node: ts.Node): Found {
  if (!ts.isCallExpression(node) || isInRoom(node)) return undefined;
  const declaration = source.checker.getResolvedSignature(node)?.declaration;
  if (!declaration || !isInRoom(declaration)) return undefined;
  const erased = node.arguments.find((argument, index) => {
    const parameter = declaration.parameters[index];
    const accepts = parameter && source.checker.getTypeAtLocation(parameter);
    return accepts && !isAny(accepts) && isErased(source.checker.getTypeAtLocation(argument));
  });
  return erased && [node.expression.getText(), `${erased.getText()} has no type, and is passed to a room`];
}

/** `(cache as any).get('project:1041')`, `cache['get' as never]`. */
function erasedRoom(source: Source, node: ts.Node): Found {
  if (!isAsserted(node) || isInRoom(node)) return undefined;
  const value = source.checker.getTypeAtLocation(unwrapped(node));
  const declaration = symbolOf(value)?.declarations?.find((each) => ts.isClassDeclaration(each) && isInRoom(each));
  if (!declaration || isAsserted(node.parent) || value === source.checker.getTypeAtLocation(node)) return undefined;
  return [unwrapped(node).getText(), `${value.symbol.name} is told to be something else`];
}

function isErased(type: ts.Type): boolean {
  return isAny(type) || (type.flags & ts.TypeFlags.Never) !== 0;
}

function isInRoom(node: ts.Node): boolean {
  return node.getSourceFile().fileName.includes(room);
}
