import ts from 'typescript';
import type { Finding } from '../finding.js';
import type { Source } from '../source.js';
import { descendants, isAccess } from '../syntax.js';
import { moduleNameOf } from '../modules.js';

const room = 'src/isolation/';
/** Packages that remember results by keys of the caller's making. */
const packages =
  /^(@nestjs\/cache-manager|async-cache-dedupe|bentocache|cacheable|dataloader|fast-memoize|keyv|lodash\.(memoize|once)|lru-cache|lru_map|mem|memoize|memoize-one|memoizee|micro-memoize|nano-memoize|node-cache|p-memoize|quick-lru|tiny-lru)(\/|$)/;
/** What remembers, of packages that also do other things. */
const members: Readonly<Record<string, readonly string[]>> = {
  lodash: ['memoize', 'once'],
  'lodash-es': ['memoize', 'once'],
  ramda: ['memoizeWith', 'once'],
  rxjs: ['BehaviorSubject', 'ReplaySubject', 'AsyncSubject', 'shareReplay', 'publishReplay'],
};
const memoizer = /^(memo|memoi[sz]e\w*|once|lru\w*)$/i;

/** Results kept under a key that need not have the tenant in it. */
export function memoization(source: Source): Finding[] {
  return source.files
    .filter((file) => !source.pathOf(file).startsWith(room))
    .flatMap(descendants)
    .flatMap((node) => {
      const name = packageUsed(source, node) ?? memberUsed(source, node) ?? memoizerNamed(source, node);
      return name === undefined ? [] : [source.finding('memoization', node, name, `${name} remembers results`)];
    });
}

function packageUsed(source: Source, node: ts.Node): string | undefined {
  const name = moduleNameOf(source.checker, node);
  return name !== undefined && packages.test(name) ? name : undefined;
}

/** By import, and through a namespace: `import { once } from 'lodash'`, `_.once`. */
function memberUsed(source: Source, node: ts.Node): string | undefined {
  if (ts.isImportSpecifier(node)) {
    const name = (node.propertyName ?? node.name).text;
    const { moduleSpecifier } = node.parent.parent.parent;
    return ts.isStringLiteral(moduleSpecifier) && members[moduleSpecifier.text]?.includes(name) ? name : undefined;
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const file = source.checker.getSymbolAtLocation(node.name)?.declarations?.[0]?.getSourceFile().fileName ?? '';
  const owner = /\/node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? '';
  return members[owner]?.includes(node.name.text) ? node.name.text : undefined;
}

/** A memoizer of our own or of a package not named above, by what it is called. `once` of node:events waits for an event. */
function memoizerNamed(source: Source, node: ts.Node): string | undefined {
  const isDeclaration = ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) || ts.isClassDeclaration(node);
  if (isDeclaration && node.name && ts.isIdentifier(node.name) && memoizer.test(node.name.text)) return node.name.text;
  if (!ts.isCallExpression(node)) return undefined;
  const callee = isAccess(node.expression) ? undefined : node.expression;
  if (!callee || !ts.isIdentifier(callee) || !memoizer.test(callee.text)) return undefined;
  const declaration = source.checker.getResolvedSignature(node)?.declaration;
  const isNodes = declaration?.getSourceFile().fileName.includes('/@types/node/') ?? false;
  return isNodes || (declaration && source.isOurs(declaration)) ? undefined : callee.text;
}
