import ts from 'typescript';

const primitive =
  ts.TypeFlags.StringLike |
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.BigIntLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.ESSymbolLike |
  ts.TypeFlags.VoidLike |
  ts.TypeFlags.Null |
  ts.TypeFlags.Never;

export function isPrimitive(type: ts.Type): boolean {
  return type.isUnion() ? type.types.every(isPrimitive) : (type.flags & primitive) !== 0;
}

export function isAny(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Any) !== 0;
}

/** Objects of the language that hold others, and the methods that change them. */
const containers: Readonly<Record<string, { readonly prototype: object; readonly changing: readonly string[] }>> = {
  Array: {
    prototype: Array.prototype,
    changing: ['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
  },
  Map: { prototype: Map.prototype, changing: ['set', 'delete', 'clear'] },
  WeakMap: { prototype: WeakMap.prototype, changing: ['set', 'delete'] },
  Set: { prototype: Set.prototype, changing: ['add', 'delete', 'clear'] },
  WeakSet: { prototype: WeakSet.prototype, changing: ['add', 'delete'] },
  URLSearchParams: { prototype: URLSearchParams.prototype, changing: ['append', 'delete', 'set', 'sort'] },
  Headers: { prototype: Headers.prototype, changing: ['append', 'delete', 'set'] },
  Buffer: {
    prototype: Buffer.prototype as Buffer,
    changing: ['fill', 'set', 'write', 'copyWithin', 'reverse', 'sort'],
  },
  Uint8Array: { prototype: Uint8Array.prototype, changing: ['fill', 'set', 'copyWithin', 'reverse', 'sort'] },
};

/** Its methods hand out what it holds. */
export function isHolder(type: ts.Type): boolean {
  return containerName(type) !== undefined || symbolOf(type)?.name === 'Promise';
}

function containerName(type: ts.Type): string | undefined {
  const name = symbolOf(type)?.name.replace(/^Readonly(?=Map|Set|Array)/, '');
  return name !== undefined && Object.hasOwn(containers, name) ? name : undefined;
}

/**
 * Whether calling `method` changes an object of that type. Where the type does not say what the object
 * is, it is taken for any container that it may be: all of them for `any`, and for an interface of
 * ours those that have all its members.
 */
export function isChangingMethod(type: ts.Type, method: string): boolean {
  const name = containerName(type);
  if (name !== undefined) return containers[name]?.changing.includes(method) ?? false;
  const members = isAny(type) ? [] : isOwnInterface(type) ? type.getProperties().map((each) => each.name) : undefined;
  if (!members) return false;
  return Object.values(containers).some(
    ({ prototype, changing }) => changing.includes(method) && members.every((member) => member in prototype),
  );
}

function isOwnInterface(type: ts.Type): boolean {
  const declarations = symbolOf(type)?.declarations ?? [];
  const isOurs = declarations.every((each) => !each.getSourceFile().fileName.includes('/node_modules/'));
  return isOurs && declarations.some((each) => ts.isInterfaceDeclaration(each) || ts.isTypeLiteralNode(each));
}

/** Primitives and unions have none, which TypeScript's own types do not say. */
export function symbolOf(type: ts.Type | undefined): ts.Symbol | undefined {
  return type?.getNonNullableType().symbol;
}

/** Classes whose objects cannot be told anything after they are made. */
const inertClasses = new Set(['KeyObject', 'Logger', 'Reflector', 'TextEncoder', 'TextDecoder', 'Error', 'URLPattern']);
const statefulInterfaces = new Set(['Generator', 'AsyncGenerator', 'IteratorObject', 'ArrayIterator', 'MapIterator']);

/**
 * The name of the class that a value is an object of, or holds one of: what such an object
 * remembers is its own business, and cannot be seen from how it is used.
 */
export function heldInstance(checker: ts.TypeChecker, type: ts.Type, depth = 0): string | undefined {
  if (depth > 3 || isPrimitive(type)) return undefined;
  if (type.isUnionOrIntersection()) return first(type.types, (each) => heldInstance(checker, each, depth + 1));
  const target = (type as Partial<ts.TypeReference>).target ?? type;
  const name = symbolOf(type)?.name ?? '';
  if (target.isClass() || statefulInterfaces.has(name)) return inertClasses.has(name) ? undefined : name;
  if (isHolder(type)) {
    const contents = checker.getTypeArguments(type as ts.TypeReference) as readonly ts.Type[] | undefined; // none: Headers
    return first(contents ?? [], (each) => heldInstance(checker, each, depth + 1));
  }
  const isPlain = symbolOf(type)?.declarations?.every(ts.isObjectLiteralExpression) ?? false;
  if (!isPlain) return undefined;
  return first(type.getProperties(), (property) => heldInstance(checker, checker.getTypeOfSymbol(property), depth + 1));
}

function first<Item>(items: readonly Item[], find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
