import pg from 'pg';

/** A statement's parameters for `bindStatement`: settings that hold until the end of the transaction. */
export type Binding = readonly [name: string, value: string, name: string, value: string];

/**
 * SET LOCAL in the form that takes parameters. As text, `SET LOCAL app.tenant_proof = '…'` would
 * stand in pg_stat_activity, where every session of the same role could read another tenant's proof;
 * and it would be parsed anew each time.
 */
export const bindStatement = {
  name: 'bind_context',
  text: 'SELECT pg_catalog.set_config($1, $2, true), pg_catalog.set_config($3, $4, true)',
} as const;

/**
 * The same for a pooler's connection, of which nothing is known when a transaction begins: parsed each time, without a
 * name, and with the time limit that a session of our own is told once, when it begins.
 */
export const pooledBindStatement = {
  name: '',
  text: `${bindStatement.text}, pg_catalog.set_config('statement_timeout', $5, true)`,
} as const;

/** What stands before a statement: which of the two, and its parameters. */
export interface BoundStatement {
  readonly statement: typeof bindStatement | typeof pooledBindStatement;
  readonly values: readonly string[];
}

/** Commands after which a session is as it was before; any other may leave something for the next tenant. */
const harmlessCommands = /^(SELECT|INSERT|UPDATE|DELETE|MERGE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/;

/**
 * A query that travels with its binding: Bind and Execute of `bindStatement`, then the query's own
 * messages, then one Sync. PostgreSQL runs what stands before a Sync as one transaction and, after
 * an error, skips to the Sync: if the binding fails the query is not run at all. (Pipelining
 * BEGIN, SET LOCAL, query and COMMIT instead runs the query even when SET LOCAL has failed.)
 */
export class BoundQuery extends pg.Query {
  /** True while the answers still to come belong to the binding. */
  #isBinding: boolean;

  /** @param binding undefined inside a transaction, which already holds it */
  constructor(
    config: pg.QueryConfig | string,
    values: unknown[] | undefined,
    private readonly binding: BoundStatement | undefined,
    private readonly onTaint: () => void,
  ) {
    super(config, values);
    this.#isBinding = binding !== undefined;
    this.queryMode = 'extended'; // the simple protocol would accept several statements in one text
  }

  override prepare(connection: pg.Connection): void {
    if (this.binding) {
      const { statement, values } = this.binding;
      if (statement.name === '') connection.parse({ ...statement, types: [] });
      connection.bind({ portal: '', statement: statement.name, values });
      connection.execute({ portal: '' });
    }
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (!this.#isBinding) super.handleDataRow(message);
  }

  override handleCommandComplete(message: { readonly text: string }, connection: pg.Connection): void {
    if (this.#isBinding) {
      this.#isBinding = false;
      return;
    }
    if (!harmlessCommands.test(message.text)) this.onTaint();
    super.handleCommandComplete(message, connection);
  }
}
