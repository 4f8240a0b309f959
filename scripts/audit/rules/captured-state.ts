import ts from 'typescript';
import type { Finding } from '../finding.js';
import type { Source } from '../source.js';
import { boundNames, descendants, functionAround, isAccess, isWrapper, qualified, unwrapped } from '../syntax.js';
import { ValueFlow } from '../value-flow.js';

/** A variable of a function, changed by a closure that outlives the call: memoizers, counters, once. */
export function capturedState(source: Source): Finding[] {
  return source.files.flatMap(descendants).flatMap((node) => {
    if (!ts.isVariableDeclaration(node) && !ts.isParameter(node)) return [];
    const owner = functionAround(node);
    if (!owner || isAnotherName(node)) return [];
    return boundNames(node.name).flatMap((name) => {
      const { changes } = new ValueFlow(source).ofName(name.parent, true);
      const change = [...changes].find((each) => new Lifetime(source, owner).isLater(each));
      if (!change) return [];
      const what = `is changed by a closure that outlives the call, at ${source.pathOf(change)}:${String(source.lineOf(change))}`;
      return [source.finding('captured-state', name, qualified(name), what)];
    });
  });
}

/** Another name of something that has one already, which is followed from there. */
function isAnotherName({ parent, initializer }: ts.VariableDeclaration | ts.ParameterDeclaration): boolean {
  if ((parent.flags & ts.NodeFlags.Const) === 0 || !initializer) return false;
  const value = unwrapped(initializer);
  return ts.isIdentifier(value) || isAccess(value);
}

/** What runs after a call of the function `owner` has returned. */
class Lifetime {
  readonly #seen = new Set<ts.Node>();

  constructor(
    private readonly source: Source,
    private readonly owner: ts.Node,
  ) {}

  isLater(node: ts.Node): boolean {
    for (let closure = functionAround(node); closure && closure !== this.owner; closure = functionAround(closure)) {
      const isInside = ts.findAncestor(closure, (each) => each === this.owner) !== undefined;
      if (isInside && this.#outlives(closure)) return true;
    }
    return false;
  }

  #outlives(closure: ts.Node): boolean {
    if (this.#seen.has(closure)) return false; // it calls itself
    this.#seen.add(closure);
    if (ts.isFunctionDeclaration(closure)) return this.#isNameHandedOut(closure);
    const { parent } = closure;
    if (isWrapper(parent)) return this.#outlives(parent);
    if (ts.isVariableDeclaration(parent)) return this.#isNameHandedOut(parent);
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent))
      return parent.expression !== closure && !isDoneWithTheCall(this.source, parent);
    return true;
  }

  /** A named closure goes where it is called, and where it is given to. */
  #isNameHandedOut(declaration: ts.Node): boolean {
    return this.source.usesOf(declaration).some((use) => {
      if (use.parent === declaration) return false;
      const isCall = ts.isCallExpression(use.parent) && use.parent.expression === use;
      return isCall ? this.isLater(use) : this.#outlives(use);
    });
  }
}

/** Callbacks of the language, which run during the call or once after it; and calls that are awaited. */
function isDoneWithTheCall(source: Source, call: ts.CallExpression | ts.NewExpression): boolean {
  if (ts.isAwaitExpression(call.parent)) return true;
  const declaration = source.checker.getResolvedSignature(call)?.declaration;
  if (!declaration) return false;
  const { fileName } = declaration.getSourceFile();
  return (
    fileName.includes('/node_modules/typescript/lib/') || /^(setTimeout|setImmediate)$/.test(call.expression.getText())
  );
}
