import type { Pace } from '../options.js';
import type { Report } from '../report.js';
import { Client, type Question, type Way } from '../support/http/client.js';
import { run, type Course } from '../support/http/course.js';
import {
  carryingServers,
  startServers,
  stopAll,
  tellingServers,
  type Servers as ServersNamed,
} from '../support/http/servers.js';
import { createHttpWorld, type HttpWorld } from '../support/http/world.js';

const inFlight = 32;
/** A server needs more requests than a function needs calls until all of its code is compiled. */
const warmUps = 2;
const projectsPath = '/api/projects';

type Servers = ServersNamed<keyof typeof carryingServers>;

/**
 * What isolation costs a request, beside other ways to carry the tenant: one race for an answer from
 * the cache, two for answers from the database. And what it costs to tell of a request.
 */
export async function httpReads(pace: Pace): Promise<readonly Report[]> {
  const world = await createHttpWorld();
  try {
    return [...(await carrying(world, pace)), ...(await telling(world, pace))];
  } finally {
    await world.remove();
  }
}

async function carrying(world: HttpWorld, pace: Pace): Promise<readonly Report[]> {
  const servers = await startServers(carryingServers, world.unisolatedUrl);
  try {
    // The lists first: one way has a server that serves nothing else, and would come to its first race colder than the others.
    const lists = [
      await report(list(servers, world, 20), world, pace),
      await report(list(servers, world, 1), world, pace),
    ];
    await fillCaches(servers, world);
    return [await report(cachedProject(servers, world), world, pace), ...lists];
  } finally {
    await stopAll(Object.values(servers));
  }
}

/** On servers that start together, for the same reason; what is cached is still there. */
async function telling(world: HttpWorld, pace: Pace): Promise<readonly Report[]> {
  const servers = await startServers(tellingServers, world.unisolatedUrl);
  try {
    return [await report(cachedAndTold(servers, world), world, pace)];
  } finally {
    await stopAll(Object.values(servers));
  }
}

async function report(course: Course, world: HttpWorld, pace: Pace): Promise<Report> {
  return {
    title: course.title,
    setting: {
      tenants: world.tenants.length,
      'projects per tenant': world.numbers.length,
      'keep-alive connections': inFlight,
      'in flight': inFlight,
      'each way': processes(course),
      shared: 'PostgreSQL, Redis and the cached entries',
    },
    rows: await run(course, inFlight, { ...pace, warmUpMs: warmUps * pace.warmUpMs }),
  };
}

function processes({ ways }: Course): string {
  const own = 'a process of its own';
  const isEachAlone = new Set(ways.map(({ server }) => server)).size === ways.length;
  return isEachAlone ? own : `${own}, but the incident, which is in that of ours`;
}

const incident = ({ application }: Servers): Way => ({
  name: 'the incident: a key without its tenant',
  server: application,
  path: '/incident/api/projects',
});

const ours = ({ application }: Servers): Way => ({
  name: 'ours: TenantContext',
  server: application,
  path: projectsPath,
});

/** What differs between them is how the tenant reaches the repository. */
function isolatedWays(servers: Servers): readonly Way[] {
  const { requestScope, clsProxy, bare } = servers;
  return [
    ours(servers),
    { name: "ours, but the tenant from Nest's Scope.REQUEST", server: requestScope, path: projectsPath },
    { name: 'ours, but the tenant from a nestjs-cls proxy', server: clsProxy, path: projectsPath },
    { name: 'the same checks without Nest: the limit', server: bare, path: projectsPath },
  ];
}

function cachedProject(servers: Servers, world: HttpWorld): Course {
  return {
    title: 'HTTP: GET a cached project',
    ways: [incident(servers), ...isolatedWays(servers)],
    nextQuestion: () => projectQuestion(world, anyOf(world.numbers), true),
    targets: [
      { contestant: 1, against: 0, atLeast: 0.95 },
      { contestant: 1, against: 4, atLeast: 0.5 },
    ],
  };
}

/** Where a request takes the least time, telling of it takes the largest share. */
function cachedAndTold(
  { silent, recorded, traced }: ServersNamed<keyof typeof tellingServers>,
  world: HttpWorld,
): Course {
  return {
    title: 'HTTP: GET a cached project, and tell of it',
    ways: [
      { name: 'ours, as in the other tables', server: silent, path: projectsPath },
      { name: 'ours, with a record of each request', server: recorded, path: projectsPath },
      { name: 'ours, with a trace of each request', server: traced, path: projectsPath },
    ],
    nextQuestion: () => projectQuestion(world, anyOf(world.numbers), true),
    targets: [],
  };
}

function list(servers: Servers, { tenants, numbers }: HttpWorld, limit: number): Course {
  const newest = numbers.toReversed().slice(0, limit);
  const unisolated = { name: 'no isolation, generic plans', server: servers.unisolated, path: projectsPath };
  return {
    title: `HTTP: GET a list of ${String(limit)}, not cached`,
    ways: [unisolated, ...isolatedWays(servers)],
    nextQuestion: () => ({
      rest: `?limit=${String(limit)}`,
      tenant: anyOf(tenants),
      numbers: newest,
      isCached: false,
    }),
    targets: [
      { contestant: 1, against: 0, atLeast: 0.9 },
      { contestant: 1, against: 4, atLeast: 0.5 },
    ],
  };
}

/** The incident has one entry for all tenants' projects of a number, so no two tenants ask for the same number. */
function projectQuestion({ tenants }: HttpWorld, number: number, isCached: boolean): Question {
  const tenant = tenants[number % tenants.length];
  if (!tenant) throw new Error('There are no tenants.');
  return { rest: `/${String(number)}`, tenant, numbers: [number], isCached };
}

/** What the application has put into Redis serves every isolated way: tenant, key and secret are the same. */
async function fillCaches(servers: Servers, world: HttpWorld): Promise<void> {
  for (const way of [incident(servers), ours(servers)]) {
    const client = await Client.open(way, 1);
    for (const number of world.numbers) await client.ask(0, projectQuestion(world, number, false));
    client.close();
  }
}

function anyOf<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)] as T;
}
