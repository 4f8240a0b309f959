import pg from 'pg';
import { poolWaiting, startSpan } from '../logging/index.js';
import type { Configuration } from '../../config/index.js';
import { bindStatement, BoundQuery, pooledBindStatement, type Binding, type BoundStatement } from './bound-query.js';

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;
type Connected = (client: pg.ClientBase) => void;
type QueryCallback = (error: Error | null, result: pg.QueryResult) => void;

/**
 * A connection pool that cannot run a statement without saying, in the same flight, on whose behalf.
 * It sits below Prisma, so it covers every model call, `$queryRaw` and interactive transactions
 * alike; a client extension covers the first only, breaks the last and costs round trips.
 */
export class BoundPool extends pg.Pool {
  readonly #currentBinding: () => Binding;

  /**
   * @param currentBinding reads the caller's context; throws when there is none
   * @param pooler what stands between this pool and PostgreSQL
   */
  constructor(config: pg.PoolConfig, currentBinding: () => Binding, pooler: Configuration['DATABASE_POOLER'] = 'none') {
    // pg-pool waits for the promise, which its types do not say.
    const onConnect = ((client: BoundClient) => client.prepareBinding()) as unknown as Connected;
    super({ ...config, Client: pooler === 'transaction' ? PooledClient : BoundClient, onConnect });
    // Prisma listens as long as it is connected. Without a listener, a server that goes away at a shutdown would end the process.
    this.on('error', () => undefined);
    this.#currentBinding = currentBinding;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    // Read now and not when a connection comes free: pg-pool runs that callback in the context of
    // whoever released the connection, which may be another tenant's.
    const binding = this.#currentBinding();
    poolWaiting.inc();
    if (!callback) {
      const checkedOut = (client: pg.PoolClient) => checkOut(client, binding);
      return super
        .connect()
        .then(checkedOut, (error: unknown) => Promise.reject(noConnection(error as Error)))
        .finally(() => poolWaiting.dec());
    }
    super.connect((error, client, done) => {
      poolWaiting.dec();
      const bound = client && checkOut(client, binding);
      callback(error && noConnection(error), bound, bound ? (cause) => bound.release(cause) : done);
    });
    return undefined;
  }
}

/** No connection came free in time, or the one that was used has been lost. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';
}

/** The errors of the network and of PostgreSQL have a code; that of a pool that waited in vain, or of a lost connection, has none. */
function noConnection(error: Error): Error {
  return 'code' in error ? error : new NoConnectionError(error.message, { cause: error });
}

/** Ties a connection to one context until it is released. */
function checkOut(client: pg.PoolClient, binding: Binding): pg.PoolClient {
  const bound = client as unknown as BoundClient;
  const release = client.release.bind(client);
  bound.binding = binding;
  client.release = (error) => {
    bound.binding = undefined;
    release(error ?? !bound.isReusable());
  };
  return client;
}

class BoundClient extends pg.Client {
  binding: Binding | undefined;
  #isTainted = false;
  #isLost = false;

  /** The pool hands a lost connection's error to whoever has it, besides the statement's own. */
  override emit(event: string, ...args: unknown[]): boolean {
    if (event !== 'error') return super.emit(event, ...args);
    this.#isLost = true;
    return super.emit(event, noConnection(args[0] as Error));
  }

  async prepareBinding(): Promise<void> {
    await super.query({ ...bindStatement, values: ['app.tenant_id', '', 'app.tenant_proof', ''] });
  }

  bindingOf(values: Binding): BoundStatement {
    return { statement: bindStatement, values };
  }

  /** False when a transaction is still open, which carries its tenant, or the session may have been changed. */
  isReusable(): boolean {
    return !this.#isTainted && this.getTransactionStatus() === 'I';
  }

  /** The two forms that are used: the pool's, with a callback, and the adapter's, without. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- pg declares nine overloads
  override query(config: any, values?: any, callback?: any): any {
    return this.#submit(
      config as pg.QueryConfig,
      values as unknown[] | undefined,
      callback as QueryCallback | undefined,
    );
  }

  #submit(config: pg.QueryConfig, values?: unknown[], callback?: QueryCallback): Promise<pg.QueryResult> | undefined {
    if (!this.binding) throw new Error('This connection is not checked out: take it with pool.connect().');
    const isInTransaction = this.getTransactionStatus() !== 'I';
    const query = new BoundQuery(
      config,
      values,
      isInTransaction ? undefined : this.bindingOf(this.binding),
      () => (this.#isTainted = true),
    );
    const send = (done: QueryCallback): void => {
      const span = startSpan('statement');
      const finish: QueryCallback = (error, result) => {
        span.end();
        done(error && this.#isLost ? noConnection(error) : error, result);
      };
      query.callback = finish;
      super.query(query);
    };
    if (!callback)
      return new Promise((resolve, reject) => send((error, result) => (error ? reject(error) : resolve(result))));
    send(callback);
    return undefined;
  }
}

/** A connection to a pooler: another session of PostgreSQL in each transaction, of which nothing can be expected. */
class PooledClient extends BoundClient {
  readonly #timeoutMs: string;

  constructor({ statement_timeout, ...config }: pg.ClientConfig) {
    super(config);
    this.#timeoutMs = String(Number(statement_timeout ?? 0));
  }

  override prepareBinding(): Promise<void> {
    return Promise.resolve();
  }

  override bindingOf(values: Binding): BoundStatement {
    return { statement: pooledBindStatement, values: [...values, this.#timeoutMs] };
  }
}
