import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { projectsPerTenant, type Member } from './world.js';

/** Where somebody visits, and as whom. */
export interface Visit {
  readonly port: number;
  readonly member: Member;
}

interface Project {
  readonly number: number;
  readonly name: string;
  readonly description: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly cache: unknown;
  readonly body: string;
}

const pageSize = 20;
/** The first half is read from the cache, the other half is updated: an update makes the next read a miss. */
const half = projectsPerTenant / 2;

/**
 * Makes the requests of one member, each on a connection that is free or on a new one. With node:http,
 * because some of them write; what it costs is the same alone and beside a flood.
 */
export class Visitor {
  readonly #agent = new Agent({ keepAlive: true });

  constructor(private readonly visit: Visit) {}

  async fillCache(): Promise<void> {
    for (let number = 1; number <= half; number++) await this.#send('GET', `/${String(number)}`);
  }

  /** @param count of the requests so far: says which project */
  async getCached(count: number): Promise<void> {
    const number = 1 + (count % half);
    const answer = await this.#send('GET', `/${String(number)}`);
    const project = JSON.parse(answer.body) as Project;
    this.#expect(answer.cache === 'HIT' && this.#isOwn(project, number), answer);
  }

  async list(): Promise<void> {
    const answer = await this.#send('GET', `?limit=${String(pageSize)}`);
    const { items } = JSON.parse(answer.body) as { items: readonly Project[] };
    const areOwn = items.every((project, index) => this.#isOwn(project, projectsPerTenant - index));
    this.#expect(items.length === pageSize && areOwn, answer);
  }

  async update(count: number): Promise<void> {
    const number = half + 1 + (count % half);
    const description = `Update ${String(count)}`;
    const answer = await this.#send('PATCH', `/${String(number)}`, { description });
    const project = JSON.parse(answer.body) as Project;
    this.#expect(this.#isOwn(project, number) && project.description === description, answer);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, rest: string, body?: unknown): Promise<Answer> {
    const { port, member } = this.visit;
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${member.token}`,
      ...(content !== undefined && { 'content-type': 'application/json', 'content-length': content.length }),
    };
    const path = `/api/projects${rest}`;
    const sending = request({ host: '127.0.0.1', port, agent: this.#agent, method, path, headers });
    sending.end(content);
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    const answer = { status: response.statusCode, cache: response.headers['x-cache'], body: await text(response) };
    this.#expect(answer.status === 200, answer);
    return answer;
  }

  #isOwn({ number, name }: Project, expected: number): boolean {
    return number === expected && name === `Project ${String(number)} of ${this.visit.member.slug}`;
  }

  #expect(isRight: boolean, answer: Answer): void {
    if (!isRight) throw new Error(`WRONG ANSWER to ${this.visit.member.slug}: ${JSON.stringify(answer)}`);
  }
}

/** What a member asks for, one after the other. */
export const kinds: readonly { name: string; ask: (visitor: Visitor, count: number) => Promise<void> }[] = [
  { name: 'GET a cached project', ask: (visitor, count) => visitor.getCached(count) },
  { name: 'list 20 projects', ask: (visitor) => visitor.list() },
  { name: 'update a project', ask: (visitor, count) => visitor.update(count) },
];
