import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase, type TenantTransaction } from '../../isolation/database/index.js';

/** A project or task that has something to do with a question. */
export interface RetrievedRow {
  /** As the row says. */
  readonly tenantId: string;
  readonly kind: 'project' | 'task';
  readonly number: number;
  readonly projectNumber: number;
  readonly status: string;
  readonly title: string;
  /** Where the description says it; empty for a task. */
  readonly extract: string;
}

const maximumRows = 5;
/** Each costs time for every row of the tenant. */
const maximumWords = 32;

/** Full-text search in the tenant's projects and tasks, under row-level security like every query. */
@Injectable()
export class RetrievalRepository {
  constructor(
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
  ) {}

  /** The rows that share words with the question, the best first. */
  search(question: string): Promise<RetrievedRow[]> {
    // Joined by "or": a question has words that its answer has not. Of letters and digits only, so that no word is an operator.
    const words = new Set(question.toLowerCase().match(/[\p{L}\p{N}]+/gu));
    const query = [...words].slice(0, maximumWords).join(' or ');
    return this.database.$transaction(async (transaction) => {
      // A generic plan is one for a tenant of middling size: beside large ones, a small tenant would wait for their rows.
      await transaction.$queryRaw`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`;
      return this.#find(transaction, query);
    });
  }

  /** The sub-selects make PostgreSQL read the query once a statement instead of once a row. */
  #find(transaction: TenantTransaction, query: string): Promise<RetrievedRow[]> {
    const { tenantId } = this.context;
    return transaction.$queryRaw<RetrievedRow[]>`
      SELECT tenant_id AS "tenantId", kind, number, project_number AS "projectNumber", status, title,
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
       LIMIT ${maximumRows}`;
  }
}
