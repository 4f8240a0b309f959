import { KeepAliveConnection, type Answer } from '../keep-alive-connection.js';
import type { ServerProcess } from '../server-process.js';
import { projectNamed, type Tenant } from './world.js';

/** One way to serve projects. */
export interface Way {
  readonly name: string;
  readonly server: ServerProcess;
  /** Of the projects. */
  readonly path: string;
}

/** What is asked, and which of the tenant's projects the right answer holds. */
export interface Question {
  /** What follows the path of the projects: "/1041", "?limit=20". */
  readonly rest: string;
  readonly tenant: Tenant;
  readonly numbers: readonly number[];
  readonly isCached: boolean;
}

/** Asks one way, over keep-alive connections, one request at a time on each. */
export class Client {
  private constructor(
    readonly way: Way,
    private readonly connections: readonly KeepAliveConnection[],
  ) {}

  static async open(way: Way, connections: number): Promise<Client> {
    const opening = Array.from({ length: connections }, () => KeepAliveConnection.open(way.server.port));
    return new Client(way, await Promise.all(opening));
  }

  /**
   * @param slot which connection to ask on
   * @throws Error when the answer is not the right one
   */
  async ask(slot: number, question: Question): Promise<Answer> {
    const connection = this.connections[slot];
    if (!connection) throw new Error(`There is no connection ${String(slot)}.`);
    const { name, path } = this.way;
    const answer = await connection.get(path + question.rest, question.tenant.token);
    if (isRight(answer, question)) return answer;
    const { head, body } = answer;
    throw new Error(
      `WRONG ANSWER from "${name}" to ${question.tenant.slug} GET ${path}${question.rest}:\n${head}\n\n${body}`,
    );
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }
}

interface Project {
  readonly number: number;
  readonly name: string;
}

function isRight({ status, head, body }: Answer, { tenant, numbers, isCached }: Question): boolean {
  if (status !== 200 || head.includes('\r\nx-cache: hit') !== isCached) return false;
  const parsed = JSON.parse(body) as Project | { readonly items: readonly Project[] };
  const projects = 'items' in parsed ? parsed.items : [parsed];
  return (
    projects.length === numbers.length &&
    projects.every(({ number, name }, index) => number === numbers[index] && name === projectNamed(number, tenant.slug))
  );
}
