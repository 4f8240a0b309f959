import { KeepAliveConnection, type Answer } from '../keep-alive-connection.js';
import { projectNamed, type Tenant } from './world.js';

/** What is asked of a way to serve projects, and which of the tenant's projects the right answer holds. */
export interface Question {
  /** What follows the path of the projects: "/1041", "?limit=20". */
  readonly rest: string;
  readonly tenant: Tenant;
  readonly numbers: readonly number[];
  readonly isCached: boolean;
}

/** Asks over keep-alive connections, one request at a time on each. */
export class Client {
  private constructor(
    private readonly path: string,
    private readonly connections: readonly KeepAliveConnection[],
  ) {}

  /** @param path of the projects */
  static async open(port: number, path: string, connections: number): Promise<Client> {
    const opening = Array.from({ length: connections }, () => KeepAliveConnection.open(port));
    return new Client(path, await Promise.all(opening));
  }

  /**
   * @param slot which connection to ask on
   * @throws Error when the answer is not the right one
   */
  async ask(slot: number, question: Question): Promise<Answer> {
    const connection = this.connections[slot];
    if (!connection) throw new Error(`There is no connection ${String(slot)}.`);
    const path = this.path + question.rest;
    const answer = await connection.get(path, question.tenant.token);
    if (isRight(answer, question)) return answer;
    throw new Error(`WRONG ANSWER to ${question.tenant.slug} GET ${path}:\n${answer.head}\n\n${answer.body}`);
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
