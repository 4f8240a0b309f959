// What pg does and @types/pg does not say: the part of Query that its own subclasses build on
// (pg-cursor and pg-query-stream rely on the same), as of pg 8.23.
import 'pg';

declare module 'pg' {
  interface Connection {
    parse(message: { name: string; text: string; types: readonly number[] }): void;
    bind(message: { portal: string; statement: string; values: readonly unknown[] }): void;
    execute(message: { portal: string }): void;
  }
  interface Query {
    queryMode: 'extended' | undefined;
    callback: ((error: Error | null, result: QueryResult) => void) | undefined;
    prepare(connection: Connection): void;
    handleDataRow(message: unknown): void;
    handleCommandComplete(message: { readonly text: string }, connection: Connection): void;
  }
  interface Client {
    readonly connection: Connection;
    /** As the server said when the connection began. */
    readonly processID: number | null;
  }
}
