import { dirname, relative } from 'node:path';
import ts from 'typescript';
import type { Finding, Rule } from './finding.js';
import { indexUses } from './uses.js';

/** What is audited, with its types and with every use of every name. */
export class Source {
  readonly checker: ts.TypeChecker;
  readonly files: readonly ts.SourceFile[];
  readonly #root: string;
  readonly #uses: ReadonlyMap<ts.Node, readonly ts.Node[]>;

  /**
   * @param configFile a tsconfig.json; its folder is the project's root
   * @param fileNames what to audit, where that is not what the tsconfig includes
   */
  constructor(configFile: string, fileNames?: readonly string[]) {
    const { config } = ts.readConfigFile(configFile, (path) => ts.sys.readFile(path)) as { config: unknown };
    this.#root = dirname(configFile);
    const parsed = ts.parseJsonConfigFileContent(config, ts.sys, this.#root);
    const names = fileNames ?? parsed.fileNames.filter((name) => !name.includes('/generated/'));
    const host = ts.createCompilerHost(parsed.options);
    host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone; // a third of the time it takes to read the packages' types
    const program = ts.createProgram([...names], { ...parsed.options, noEmit: true }, host);
    this.checker = program.getTypeChecker();
    this.files = names.flatMap((name) => program.getSourceFile(name) ?? []);
    this.#uses = indexUses(this.checker, this.files);
  }

  /** Identifiers that mean the declared thing, and binding elements that take it out of an object. */
  usesOf(declaration: ts.Node): readonly ts.Node[] {
    return this.#uses.get(declaration) ?? [];
  }

  /** Declared in the project, as opposed to TypeScript's library or a package. */
  isOurs(node: ts.Node): boolean {
    const { fileName } = node.getSourceFile();
    return !fileName.includes('/node_modules/') && !fileName.includes('/generated/');
  }

  isAudited(node: ts.Node): boolean {
    return this.files.includes(node.getSourceFile());
  }

  /** From the project's root, with slashes. */
  pathOf(node: ts.Node): string {
    return relative(this.#root, node.getSourceFile().fileName).replaceAll('\\', '/');
  }

  lineOf(node: ts.Node): number {
    return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;
  }

  finding(rule: Rule, node: ts.Node, symbol: string, what: string): Finding {
    return { rule, file: this.pathOf(node), line: this.lineOf(node), symbol, what };
  }
}
