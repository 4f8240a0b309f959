export interface Description {
  readonly heading: string;
  /** What is compared, and with what. Markdown, and without figures: those come from bench/results. */
  readonly text: string;
  /** By title, of reports that need more to be said. Shown with a report, and not before there is one. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** By group, in the order of the document. */
export const descriptions: Readonly<Record<string, Description>> = {
  database: {
    heading: 'Database',
    text: `The same operation through Prisma, with and without isolation. The reference is a client that is not isolated at
all: a role that policies do not bind, prepared statements, and a WHERE that somebody has to remember. Ours sends the
tenant and its proof with the statement, in one flight, under row-level security. The others are the ways that are
usually recommended, under the same policies. Where a network delay is named, a proxy between client and PostgreSQL adds it.`,
  },
  http: {
    heading: 'HTTP',
    text: `Whole requests on keep-alive connections, token verification included. For a cached read the reference is the
incident's server, whose key lacks the tenant; for an uncached one it is the same application on a client without
isolation. Beside them are the other ways to carry a tenant through a Nest application, and a bare Fastify handler that
makes the same checks: what is left between it and ours is the framework. The incident's server is Nest without any
isolation, so its distance from the bare handler, which the first table has, is what no isolation can be blamed for.`,
    notes: {
      'HTTP: GET a cached project, and tell of it': `What the log and a trace take of a cached answer. The
reference counts each request, as everywhere else here, writes no record below a warning, and calls OpenTelemetry's API with no
SDK behind it. The record goes to /dev/null. The trace is two spans, kept by the SDK until its exporter forgets them: what
sending them would take is not in it.`,
    },
  },
  cache: {
    heading: 'Cache',
    text: `What one hit asks of Redis, counted by a proxy in front of it and not timed. The reference is the incident's cache,
which asks for one key and believes what it gets. Ours reads the entry together with the generations it depends on.`,
  },
  growth: {
    heading: 'Growth',
    text: `The same requests with few and with many tenants, in databases side by side and in turn, each request for a tenant
drawn from all of them. The reference is the smallest: isolation that is looked up, listed or remembered per tenant would
make the largest slower. What the larger table itself takes is in the tables without isolation, and in that of the
pages. And memory: what the server keeps of a tenant it has seen, and what a cache entry takes in Redis beside the
incident's.`,
  },
  search: {
    heading: 'Search',
    text: `Full-text search in a large tenant's projects and tasks, beside another such tenant. The reference is PostgreSQL's own, by
a GIN index, as a superuser whom no policy binds. Ours finds the words by equality in a table of their own, under the
policies, and reads a bounded number of rows for each. The third is the reference's query under the policies, which do not
let it use its index.`,
  },
  neighbour: {
    heading: 'Noisy neighbour',
    text: `The latency of a quiet tenant's requests while another tenant floods the same server, and is held to
the default pace of a tenant. The reference is the same tenant alone.`,
  },
  micro: {
    heading: 'Micro',
    text: `The pieces of isolation one at a time, in this process, without PostgreSQL or Redis: what each adds to a statement, a
cache access or a request.`,
  },
  boot: {
    heading: 'Boot',
    text: `From the start of the compiled application's process until it listens: its imports, and the boot checks that refuse a
role or a key with which isolation would not hold.`,
  },
};
