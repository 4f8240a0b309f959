import { defineConfig } from 'prisma/config';

// For the Prisma CLI (generate, validate, format). Migrations run through `npm run db`, which uses
// the same engine and history table without downloading anything.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['MIGRATION_DATABASE_URL'] ?? '' },
});
