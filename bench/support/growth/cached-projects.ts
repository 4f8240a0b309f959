import { requiredVariable } from '../environment.js';
import { issueToken } from '../issue-token.js';
import { KeepAliveConnection } from '../keep-alive-connection.js';
import { ServerProcess } from '../server-process.js';
import { nameOf, projectsPerTenant, type GrowthDatabase } from './databases.js';
import { below } from './reads.js';
import type { CachedProject } from './redis-bytes.js';

interface Served {
  readonly tenantId: string;
  readonly token: string;
  readonly number: number;
}

interface ProjectView {
  readonly number: number;
  readonly name: string;
}

const connectionCount = 32;

/** The application on one database and a part of Redis that no other has, with one cached project of each tenant. */
export class CachedProjects {
  readonly #served: Served[] = [];

  private constructor(
    private readonly database: GrowthDatabase,
    readonly redisUrl: string,
    private readonly server: ServerProcess,
    private readonly connections: readonly KeepAliveConnection[],
  ) {}

  static async open(database: GrowthDatabase, redisUrl: string): Promise<CachedProjects> {
    const server = await ServerProcess.start('heap.server.ts', {
      ...database.urls,
      REDIS_URL: redisUrl,
      CACHE_COMMAND_TIMEOUT_MS: '10000', // on a busy machine a usual one would turn a hit into a miss
    });
    const opening = Array.from({ length: connectionCount }, () => KeepAliveConnection.open(server.port));
    return new CachedProjects(database, redisUrl, server, await Promise.all(opening));
  }

  /** Reads a project of each tenant up to the `count`th that has not been served yet, and so caches it. */
  async serve(count: number): Promise<void> {
    let next = this.#served.length;
    const slots = this.connections.map(async (connection) => {
      while (next < count) {
        const index = next++;
        const tenantId = this.database.tenantIds[index] ?? '';
        const token = await issueToken({ tenantId, role: 'viewer' });
        const served = { tenantId, token, number: 1 + (index % projectsPerTenant) };
        await read(connection, served, 'miss');
        this.#served[index] = served;
      }
    });
    await Promise.all(slots);
  }

  /** Reads the cached project of any tenant that has been served. */
  async readAny(): Promise<void> {
    await this.#readCached(below(this.#served.length));
  }

  /** A cached project as the application answers with it, and whose it is. */
  async example(): Promise<CachedProject> {
    return this.#readCached(0);
  }

  /** Bytes in use on the server's heap, once its garbage is collected. */
  async heapBytes(): Promise<number> {
    const { body } = await this.#connection.get('/heap', '');
    return (JSON.parse(body) as { bytes: number }).bytes;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close();
    await this.server.stop();
  }

  get #connection(): KeepAliveConnection {
    const [connection] = this.connections;
    if (!connection) throw new Error('There is no connection.');
    return connection;
  }

  async #readCached(index: number): Promise<CachedProject> {
    const served = this.#served[index];
    if (!served) throw new Error('No tenant has been served.');
    return { tenantId: served.tenantId, project: await read(this.#connection, served, 'hit') };
  }
}

/** @throws Error unless the answer is the tenant's own project, and from where it should be */
async function read(
  connection: KeepAliveConnection,
  { tenantId, token, number }: Served,
  expected: 'hit' | 'miss',
): Promise<ProjectView> {
  const { status, head, body } = await connection.get(`/api/projects/${String(number)}`, token);
  const project = JSON.parse(body) as ProjectView;
  const isFromThere = head.includes(`\r\nx-cache: ${expected}`);
  if (status === 200 && isFromThere && project.name === nameOf(number, tenantId)) return project;
  throw new Error(
    `WRONG ANSWER: a ${expected} of project ${String(number)} of ${tenantId} was expected:\n${head}\n\n${body}`,
  );
}

/** A logical database for each size: in one, all sizes would share one table of keys, the largest's. */
export function redisUrlOf(redisDatabase: number): string {
  const url = new URL(requiredVariable('REDIS_URL'));
  url.pathname = `/${String(redisDatabase)}`;
  return url.href;
}
