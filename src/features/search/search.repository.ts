import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase } from '../../isolation/database/index.js';
import type { FoundRow, Rank } from './search.dto.js';

const beforeAll: Rank = [2_147_483_647, 'task', 2_147_483_647];

/**
 * Full-text search in the tenant's projects and tasks, by an index under row-level security: words are compared
 * with =, <, > only, which are leakproof (docs/adr/0016-search-finds-words-by-equality.md).
 *
 * What a search can cost is bounded: 32 words, 1,000 rows for each. The bounds stand in the statement, because of a
 * parameter its generic plan would not know how small it is. Rarity is counted in those rows: in the tenant's own, and
 * never from statistics, which know everybody's.
 */
@Injectable()
export class SearchRepository {
  constructor(
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
  ) {}

  /**
   * The rows that share words with the text, those with the most and the rarest first. A word at the very end of it
   * may be the beginning of one.
   * @param after where an earlier page ended
   */
  find(text: string, limit: number, [score, kind, number]: Rank = beforeAll): Promise<FoundRow[]> {
    const { tenantId } = this.context;
    const begun = /[\p{L}\p{N}]+$/u.exec(text)?.[0] ?? '';
    return this.database.$queryRaw<FoundRow[]>`
      WITH asked AS MATERIALIZED (
        SELECT lexeme AS word FROM unnest(to_tsvector('english', ${text})) ORDER BY positions[1] LIMIT 32
      ), posting AS MATERIALIZED (
        SELECT asked.word, held.* FROM asked CROSS JOIN LATERAL (
          SELECT kind, number, weight * 2 AS weight FROM search_words
           WHERE tenant_id = ${tenantId}::uuid AND word = asked.word
           ORDER BY search_words.weight DESC, number DESC, kind DESC LIMIT 1000) AS held
        UNION ALL
        SELECT begun.lexeme || '*', held.* FROM unnest(to_tsvector('english', ${begun})) AS begun CROSS JOIN LATERAL (
          SELECT kind, number, weight FROM search_words
           WHERE tenant_id = ${tenantId}::uuid AND word > begun.lexeme AND word < begun.lexeme || chr(1114111)
           ORDER BY word, search_words.weight, number, kind LIMIT 1000) AS held
      ), rare AS (
        SELECT word, (100 * ln(1 + 1000::float8 / count(*)))::integer AS rarity FROM posting GROUP BY word
      ), found AS (
        SELECT kind, number, sum(weight * rarity)::integer AS score
          FROM posting JOIN rare USING (word)
         GROUP BY kind, number
        HAVING (sum(weight * rarity)::integer, kind, number) < (${score}, ${kind}, ${number})
         ORDER BY score DESC, kind DESC, number DESC
         LIMIT ${limit}
      )
      SELECT item.tenant_id AS "tenantId", found.kind, found.number, found.score,
             item.project_number AS "projectNumber", item.status, item.title,
             left(ts_headline('english', item.description,
               (replace(nullif(strip(to_tsvector('english', ${text}))::text, ''), ''' ''', ''':* | ''') || ':*')::tsquery,
               'StartSel="", StopSel="", MinWords=30, MaxWords=60'), 600) AS extract
        FROM found CROSS JOIN LATERAL (
          SELECT tenant_id, number AS project_number, status::text, name AS title, description FROM projects
           WHERE tenant_id = ${tenantId}::uuid AND number = found.number AND found.kind = 'project'
          UNION ALL
          SELECT tenant_id, project_number, status::text, title, '' FROM tasks
           WHERE tenant_id = ${tenantId}::uuid AND number = found.number AND found.kind = 'task'
          LIMIT 1) AS item
       ORDER BY found.score DESC, found.kind DESC, found.number DESC`;
  }
}
