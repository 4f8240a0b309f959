// @ts-check
import tseslint from 'typescript-eslint';

/** Raw clients, each private to the room that makes it safe. The dependency law (.dependency-cruiser.cjs) says the same of files. */
const rawClients = {
  'src/isolation/database': ['pg', '@prisma/client', '@prisma/adapter-pg', '**/generated/**'],
  'src/isolation/cache': ['ioredis', 'cache-manager', 'cache-manager-ioredis-yet'],
  'src/isolation/sessions': ['ioredis'],
  'src/isolation/memory': ['ioredis'],
  'src/isolation/limits': ['ioredis', 'rate-limiter-flexible'],
  'src/isolation/realtime': ['ioredis'],
  'src/isolation/queue': ['ioredis', 'bullmq'],
  'src/isolation/storage': ['fs', 'fs/*', 'node:fs', 'node:fs/*', '@aws-sdk/*'],
  'src/common/redis.ts': ['ioredis'],
  'src/isolation/logging': ['pino', 'pino-http', 'nestjs-pino', 'prom-client', '@opentelemetry/*'],
};
const banned = (/** @type {readonly string[]} */ groups) =>
  groups.map((group) => ({
    group: [group],
    message: 'A raw client knows no tenant: use its room under src/isolation.',
  }));
const allRawClients = [...new Set(Object.values(rawClients).flat())];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/generated', '.local', 'bench/results', 'test/project/audit/fixtures'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            'eslint.config.js',
            '.dependency-cruiser.cjs',
            'scripts/install.mjs',
            'scripts/run.mjs',
            'demo/lab/lab.client.js',
          ],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Nest's modules are classes without members.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Nest declares some option bags as classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `void` before a reply that Fastify sends by itself.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'no-console': ['error'],
      eqeqeq: ['error'],
    },
  },
  {
    // Decorated parameters need their classes at run time.
    files: ['src/**', 'demo/**', 'bench/**', 'test/**'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['src/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: banned(allRawClients) }],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.object.property.name=/logger/i] > :matches(TemplateLiteral[expressions.length>0], BinaryExpression, CallExpression).arguments',
          message: 'What varies is a field, which is looked at: logger.warn({ msg: "A constant", error, project }).',
        },
      ],
    },
  },
  ...Object.entries(rawClients).map(([room, own]) => ({
    files: [room, `${room}/**`],
    rules: {
      '@typescript-eslint/no-restricted-imports': /** @type {['error', object]} */ ([
        'error',
        { patterns: banned(allRawClients.filter((group) => !own.includes(group))) },
      ]),
    },
  })),
  {
    files: ['scripts/**', 'demo/**', 'bench/**', 'prisma/**', 'src/main.ts', 'src/worker.ts', 'test/support/global-*'],
    rules: { 'no-console': 'off' },
  },
  {
    // Jest's asymmetric matchers and parsed answers are typed any: the assertions are what checks them.
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  { files: ['**/*.{js,cjs,mjs}'], ...tseslint.configs.disableTypeChecked },
);
