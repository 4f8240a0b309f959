import ts from 'typescript';
import type { Finding } from '../finding.js';
import { moduleNameOf } from '../modules.js';
import { rawClients, rawGlobals } from '../raw-clients.js';
import type { Source } from '../source.js';
import { descendants } from '../syntax.js';
import { symbolOf } from '../types.js';

/** Raw clients outside their room, by whatever way they came: an import under any name, an export, injection, a helper. */
export function rawClient(source: Source): Finding[] {
  return source.files.flatMap(descendants).flatMap((node) => {
    const found =
      moduleBroughtIn(source, node) ??
      unreadableModule(source, node) ??
      rawGlobal(source, node) ??
      rawType(source, node);
    return found ? [source.finding('raw-client', node, ...found)] : [];
  });
}

type Found = [symbol: string, what: string] | undefined;

const isIn = (path: string, rooms: readonly string[]) => rooms.some((room) => path.startsWith(room));

function moduleBroughtIn(source: Source, node: ts.Node): Found {
  const name = moduleNameOf(source.checker, node);
  const client = name === undefined ? undefined : rawClients.find(({ modules }) => modules.test(name));
  if (name === undefined || !client) return undefined;
  if (ts.isExportDeclaration(node.parent)) return [name, `${name} is handed on`];
  return isIn(source.pathOf(node), client.rooms) ? undefined : [name, `${name} is used outside its room`];
}

/** A module whose name is made at run time cannot be held against the table. */
function unreadableModule(source: Source, node: ts.Node): Found {
  if (ts.isPropertyAccessExpression(node) && /^process\.(getBuiltinModule|binding|dlopen)$/.test(node.getText()))
    return [node.name.text, `${node.getText()} loads modules past every rule`];
  if (!ts.isCallExpression(node)) return undefined;
  const isLoading =
    node.expression.kind === ts.SyntaxKind.ImportKeyword || /\brequire$/.test(node.expression.getText());
  const [specifier] = node.arguments;
  if (!isLoading || !specifier || source.checker.getTypeAtLocation(specifier).isStringLiteral()) return undefined;
  return ['import()', 'the name of this module is made at run time'];
}

function rawGlobal(source: Source, node: ts.Node): Found {
  if (!ts.isIdentifier(node) || !rawGlobals.names.test(node.text) || isIn(source.pathOf(node), rawGlobals.rooms))
    return undefined;
  const declaration = source.checker.getSymbolAtLocation(node)?.declarations?.[0];
  const isGlobal =
    declaration !== undefined && /\/(@types\/node|typescript\/lib)\//.test(declaration.getSourceFile().fileName);
  return isGlobal ? [node.text, `${node.text} reaches other servers`] : undefined;
}

/** The name of a variable, parameter or field that holds one, or a promise of one. */
function rawType(source: Source, node: ts.Node): Found {
  if (!ts.isVariableDeclaration(node) && !ts.isParameter(node) && !ts.isPropertyDeclaration(node)) return undefined;
  const type = source.checker.getAwaitedType(source.checker.getTypeAtLocation(node));
  const members = type?.isUnionOrIntersection() ? type.types : [type];
  for (const member of members) {
    const symbol = symbolOf(member);
    const { fileName } = symbol?.declarations?.[0]?.getSourceFile() ?? { fileName: '' };
    const origin =
      /\/node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)\//.exec(fileName)?.[1] ??
      (fileName.includes('/generated/') ? '@prisma/client' : '');
    const client = rawClients.find(
      ({ modules, classes }) => modules.test(origin) && classes.includes(symbol?.name ?? ''),
    );
    if (client && !isIn(source.pathOf(node), client.rooms))
      return [node.name.getText(), `${node.name.getText()} is a ${symbol?.name ?? ''} of ${origin}, outside its room`];
  }
  return undefined;
}
