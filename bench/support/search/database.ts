import pg from 'pg';
import type { DatabaseUrls } from '../../../scripts/database/database-urls.js';
import { makeDatabase, removeDatabases } from '../own-database.js';

export interface SearchDatabase {
  readonly urls: DatabaseUrls;
  /** Who asks, and whose rows lie beside theirs. */
  readonly tenantIds: readonly string[];
  /** As PostgreSQL prints it. */
  readonly sizes: Readonly<Record<string, string>>;
}

/** In every project's description, and in the name of every so manieth project. */
export const commonWord = 'budget';
export const rareWord = 'merger';
const rareEvery = 1000;

const name = 'bench_search';

export const removeSearchDatabase = (): Promise<void> => removeDatabases(name);

/** Two tenants with the same texts: projects of 80 words, and as many tasks of 8. Few words are frequent, as in a language. */
export async function createSearchDatabase(rowsPerKind: number): Promise<SearchDatabase> {
  const urls = await makeDatabase(name);
  const client = new pg.Client({ connectionString: urls.ADMIN_DATABASE_URL });
  await client.connect();
  try {
    // No triggers: the words are added for all rows at once.
    await client.query('SET session_replication_role = replica; SELECT setseed(0.5)');
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO tenants (slug, name) VALUES ('one', 'One'), ('other', 'Other') RETURNING id`,
    );
    const tenantIds = rows.map(({ id }) => id);
    for (const statement of statements(rowsPerKind)) await client.query(statement);
    const { rows: sizes } = await client.query<{ table: string; size: string }>(
      `SELECT relname || ' and its indexes' AS table, pg_size_pretty(pg_total_relation_size(oid)) AS size FROM pg_class
        WHERE relname IN ('projects', 'tasks', 'search_words') AND relkind = 'r' ORDER BY relname`,
    );
    return { urls, tenantIds, sizes: Object.fromEntries(sizes.map(({ table, size }) => [table, size])) };
  } finally {
    await client.end();
  }
}

const words = (count: number, rows: number) => `
  SELECT n, string_agg(word, ' ') AS text FROM (
    SELECT n, chr(97 + k % 26) || chr(97 + k / 26 % 26) || 'x' || k AS word
      FROM generate_series(1, ${String(rows)}) AS n, generate_series(1, ${String(count)}) AS w,
           LATERAL (SELECT (power(random() + 0 * (n + w), 3) * 20000)::integer AS k))
   GROUP BY n`;

const statements = (rows: number): readonly string[] => [
  `INSERT INTO projects (tenant_id, number, name, description)
   SELECT id, n, 'Project ' || CASE WHEN n % ${String(rareEvery)} = 7 THEN '${rareWord}' ELSE 'plan' END, '${commonWord} ' || text
     FROM (${words(77, rows)}), tenants`,
  `INSERT INTO tasks (tenant_id, number, project_number, title) SELECT id, n, n, 'Call ' || text FROM (${words(7, rows)}), tenants`,
  'ALTER TABLE search_words DROP CONSTRAINT search_words_pkey',
  `INSERT INTO search_words (tenant_id, kind, number, word, weight)
   SELECT tenant_id, 'project', number, word, weight FROM projects, app_private.words_of(number, name, description)
   UNION ALL SELECT tenant_id, 'task', number, word, weight FROM tasks, app_private.words_of(number, title, '')`,
  'ALTER TABLE search_words ADD PRIMARY KEY (tenant_id, word, weight, number, kind)',
  // What is searched without it: the texts' words in the row, and an index that only a superuser's plans use.
  `ALTER TABLE projects ADD COLUMN search tsvector GENERATED ALWAYS AS (
     setweight(to_tsvector('english', number::text || ' ' || name), 'A') || setweight(to_tsvector('english', description), 'B')) STORED`,
  `ALTER TABLE tasks ADD COLUMN search tsvector GENERATED ALWAYS AS (setweight(to_tsvector('english', number::text || ' ' || title), 'A')) STORED`,
  'CREATE INDEX ON projects USING gin (search)',
  'CREATE INDEX ON tasks USING gin (search)',
  'VACUUM (ANALYZE) projects, tasks, search_words',
];
