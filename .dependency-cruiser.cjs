/** The import law of docs/architecture.md: main → app.module → features → isolation → common | config. */

/** Rooms that a room may use besides `context`, `logging` and `audit`, which any may. */
const neighbours = {
  database: [],
  cache: [],
  sessions: [],
  memory: [],
  limits: [],
  queue: ['database'],
  storage: ['database'],
  http: ['sessions', 'limits'],
  realtime: ['sessions'],
  canary: ['database', 'cache', 'sessions', 'memory', 'storage', 'queue', 'realtime'],
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle means that two files are one thing, or that one of them knows too much.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'the-product-stands-alone',
      severity: 'error',
      comment: 'What is vulnerable, measures or tests lies outside src/, and src/ does not know it.',
      from: { path: '^src/' },
      to: { path: '^(demo|test|bench|scripts|prisma)/' },
    },
    {
      name: 'nobody-imports-the-incident',
      severity: 'error',
      comment:
        'demo/incident is vulnerable on purpose: the demo, the tests that attack it and the benchmark beside it may load it.',
      from: { pathNot: '^(demo|test|bench)/' },
      to: { path: '^demo/incident/' },
    },
    {
      name: 'common-and-config-know-nothing-above',
      severity: 'error',
      comment: 'common and config are used by everything, and know no tenant.',
      from: { path: '^src/(common|config)/' },
      to: { path: '^src/(isolation|features|app\\.module|bootstrap|main|worker)' },
    },
    {
      name: 'isolation-knows-no-feature',
      severity: 'error',
      comment: 'The rooms guard whatever features there are; a room that knew one could make an exception for it.',
      from: { path: '^src/isolation/' },
      to: { path: '^src/(features|app\\.module|bootstrap|main|worker)' },
    },
    {
      name: 'one-door-per-room',
      severity: 'error',
      comment: "A room is entered through its index.ts: what that does not export is the room's own business.",
      from: { path: '^src/', pathNot: '^src/isolation/([^/]+)/' },
      to: { path: '^src/isolation/[^/]+/(?!index\\.ts$)' },
    },
    {
      name: 'one-door-between-rooms',
      severity: 'error',
      comment: 'Also from room to room.',
      from: { path: '^src/isolation/([^/]+)/' },
      to: { path: '^src/isolation/[^/]+/(?!index\\.ts$)', pathNot: '^src/isolation/$1/' },
    },
    {
      name: 'context-needs-no-room',
      severity: 'error',
      comment: 'Every room stands on the context.',
      from: { path: '^src/isolation/context/' },
      to: { path: '^src/isolation/(?!context/)' },
    },
    {
      name: 'logging-needs-the-context-only',
      severity: 'error',
      comment: 'Every room logs.',
      from: { path: '^src/isolation/logging/' },
      to: { path: '^src/isolation/(?!(context|logging)/)' },
    },
    ...Object.entries(neighbours).map(([room, others]) => ({
      name: `${room}-knows-its-neighbours-only`,
      severity: 'error',
      comment:
        'Rooms that lean on each other fall together: any may use context, logging and audit, and what is listed above.',
      from: { path: `^src/isolation/${room}/` },
      to: { path: `^src/isolation/(?!(${['context', 'logging', 'audit', room, ...others].join('|')})/)` },
    })),
    {
      name: 'features-meet-through-services',
      severity: 'error',
      comment: "A feature may use a sibling's module, service and dto, never its repository or controller.",
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/features/[^/]+/.*\\.(repository|controller)\\.ts$', pathNot: '^src/features/$1/' },
    },
    {
      name: 'raw-database-clients-stay-in-their-room',
      severity: 'error',
      comment: 'A raw client knows no tenant.',
      from: { path: '^src/', pathNot: '^src/(isolation/database|generated)/' },
      to: { path: ['^src/generated/', 'node_modules/(pg|@prisma)/'] },
    },
    {
      name: 'raw-cache-clients-stay-in-one-file',
      severity: 'error',
      comment: 'The deprecated store and its unsafe serializer are contained in one file.',
      from: { path: '^src/', pathNot: '^src/isolation/cache/redis-store\\.ts$' },
      to: { path: 'node_modules/(cache-manager|cache-manager-ioredis-yet)/' },
    },
    {
      name: 'raw-redis-clients-stay-in-the-rooms',
      severity: 'error',
      comment: 'Only a room knows whose a key is.',
      from: {
        path: '^src/',
        pathNot: '^src/(isolation/(cache|sessions|memory|limits|queue|realtime)/|common/redis\\.ts$)',
      },
      to: { path: ['node_modules/(ioredis|bullmq)/', '^src/common/redis\\.ts$'] },
    },
    {
      name: 'raw-limiters-stay-in-their-room',
      severity: 'error',
      comment: 'What is counted is keyed there, and never by an e-mail in clear.',
      from: { path: '^src/', pathNot: '^src/isolation/limits/' },
      to: { path: 'node_modules/rate-limiter-flexible/' },
    },
    {
      name: 'raw-storage-stays-in-its-room',
      severity: 'error',
      comment: 'A path or a key that is made elsewhere has no tenant in it.',
      from: { path: '^src/', pathNot: '^src/isolation/storage/' },
      to: { path: ['^(node:)?fs(/promises)?$', 'node_modules/@aws-sdk/'] },
    },
    {
      name: 'what-is-said-goes-through-logging',
      severity: 'error',
      comment: 'A record, a metric or a span that is made elsewhere does not say whose it is, or says it to everybody.',
      from: { path: '^src/', pathNot: '^src/isolation/logging/' },
      to: { path: 'node_modules/(pino|pino-http|nestjs-pino|prom-client|@opentelemetry)/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file that nothing uses is dead.',
      from: {
        orphan: true,
        pathNot: ['\\.d\\.ts$', '\\.config\\.ts$', '^test/', '^src/generated/', '^demo/lab/lab\\.client\\.js$'],
      },
      to: {},
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      comment: 'What src imports must be in "dependencies": the production image has nothing else.',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        pathNot: '^node_modules/@types/',
      },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^src/generated/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
