import { race, type Contestant } from '../harness.js';
import type { Pace } from '../options.js';
import type { Report } from '../report.js';
import { asAdmin } from '../support/admin.js';
import { projectNamed, projects } from '../support/http-protocol.js';
import { KeepAliveConnection, type Answer } from '../support/keep-alive-connection.js';
import { ServerProcess } from '../support/server-process.js';

const inFlight = 32;

/** What isolation costs a request that the cache answers: a project, asked for by its owner, of the incident and of us. */
export async function cachedHttpRead(pace: Pace): Promise<readonly Report[]> {
  const server = await ServerProcess.start();
  const connections = await Promise.all(
    Array.from({ length: inFlight }, () => KeepAliveConnection.open(server.ready.port)),
  );
  const { token, numbers } = server.ready;
  const ask = (slot: number, path: string): Promise<Answer> => {
    const connection = connections[slot % inFlight];
    if (!connection) throw new Error('There are no connections.');
    return connection.get(path, token);
  };
  const cached = (name: string, path: string): Contestant => ({
    name,
    operate: async (slot) => {
      const number = anyOf(numbers);
      const answer = await ask(slot, path + String(number));
      if (isProject(answer, number) && answer.head.includes('\r\nx-cache: hit')) return;
      throw wrong(name, `project ${String(number)}, from the cache`, answer);
    },
  });
  const uncached: Contestant = {
    name: 'ours, not cached: list 20 projects',
    operate: async (slot) => {
      const answer = await ask(slot, '/api/projects');
      if (!isNewestPage(answer, numbers)) throw wrong('the list', 'the 20 newest projects', answer);
    },
  };
  const incident = '/incident/api/projects/';
  const application = '/api/projects/';
  try {
    for (const path of [incident, application]) for (const number of numbers) await ask(0, path + String(number));
    const contestants = [
      cached('the incident: a key without its tenant', incident),
      cached('ours: TenantCache', application),
      uncached,
    ];
    return [
      {
        title: 'HTTP: GET a cached project',
        setting: { projects, 'keep-alive connections': inFlight, 'in flight': inFlight },
        rows: await race(
          { contestants, inFlight, targets: [{ contestant: 1, against: 0, atLeast: 0.95 }], meters: [server.meter] },
          pace,
        ),
      },
    ];
  } finally {
    for (const connection of connections) connection.close();
    await server.stop();
    await removeTenants();
  }
}

interface Project {
  readonly number: number;
  readonly name: string;
}

function isProject({ status, body }: Answer, number: number): boolean {
  const project = JSON.parse(body) as Project;
  return status === 200 && project.number === number && project.name === projectNamed(number);
}

function isNewestPage({ status, body }: Answer, numbers: readonly number[]): boolean {
  if (status !== 200) return false;
  const { items } = JSON.parse(body) as { items: readonly Project[] };
  return items.length === 20 && items.every(({ number }, index) => number === numbers.at(-1 - index));
}

function wrong(name: string, expected: string, { head, body }: Answer): Error {
  return new Error(`WRONG ANSWER from "${name}": expected ${expected}, got:\n${head}\n\n${body}`);
}

function anyOf(numbers: readonly number[]): number {
  return numbers[Math.floor(Math.random() * numbers.length)] ?? 0;
}

function removeTenants(): Promise<void> {
  return asAdmin(async (client) => {
    await client.query(`DELETE FROM tenants WHERE slug LIKE 'bench-http-%'`);
    await client.query(`DELETE FROM users WHERE email LIKE '%@bench-http-%.example'`);
  });
}
