/** The three connections of the application, each under a role of its own (docs/architecture.md, "Roles"). */
export const databaseUrlNames = ['DATABASE_URL', 'SYSTEM_DATABASE_URL', 'MIGRATION_DATABASE_URL'] as const;

/** Connection URLs, plus that of a superuser: it creates the roles and the database, and the application never sees it. */
export type DatabaseUrls = Record<(typeof databaseUrlNames)[number] | 'ADMIN_DATABASE_URL', string>;
