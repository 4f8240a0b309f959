import type { FoundRow } from '../../../src/features/search/search.dto.js';
import type { TenantTransaction } from '../../../src/isolation/database/index.js';

/** PostgreSQL's own full-text search, by the words in the row: indexed where the role's policies do not forbid it. */
export function vectorSearch(
  { $queryRaw }: Pick<TenantTransaction, '$queryRaw'>,
  tenantId: string,
  text: string,
): Promise<FoundRow[]> {
  const query = (text.match(/[\p{L}\p{N}]+/gu) ?? []).join(' or ');
  return $queryRaw<FoundRow[]>`
    SELECT tenant_id AS "tenantId", kind, number, project_number AS "projectNumber", status, title, 0 AS score,
           left(ts_headline('english', description, (SELECT websearch_to_tsquery('english', ${query})),
                            'StartSel="", StopSel="", MinWords=30, MaxWords=60'), 600) AS extract
      FROM (
        SELECT tenant_id, 'project' AS kind, number, number AS project_number, status::text, name AS title, description,
               ts_rank(search, (SELECT websearch_to_tsquery('english', ${query}))) AS rank
          FROM projects
         WHERE tenant_id = ${tenantId}::uuid AND search @@ (SELECT websearch_to_tsquery('english', ${query}))
        UNION ALL
        SELECT tenant_id, 'task', number, project_number, status::text, title, '',
               ts_rank(search, (SELECT websearch_to_tsquery('english', ${query})))
          FROM tasks
         WHERE tenant_id = ${tenantId}::uuid AND search @@ (SELECT websearch_to_tsquery('english', ${query}))
      ) AS found
     ORDER BY rank DESC, kind, number DESC
     LIMIT 20`;
}
