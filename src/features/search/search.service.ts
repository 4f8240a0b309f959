import { Injectable } from '@nestjs/common';
import { page, type Page } from '../../common/pagination.js';
import type { FoundRow, Search, SearchHit } from './search.dto.js';
import { SearchRepository } from './search.repository.js';

@Injectable()
export class SearchService {
  constructor(private readonly repository: SearchRepository) {}

  async search({ q, limit, cursor }: Search): Promise<Page<SearchHit>> {
    const rows = await this.repository.find(q, limit + 1, cursor);
    const { items, nextCursor } = page(rows, limit, ({ score, kind, number }) => [score, kind, number]);
    return { items: items.map(hitOf), nextCursor };
  }

  /** The rows that have most to do with a text, with their owner. */
  find(text: string, limit: number): Promise<readonly FoundRow[]> {
    return this.repository.find(text, limit);
  }
}

function hitOf({ kind, number, projectNumber, title, status, extract }: FoundRow): SearchHit {
  const place = kind === 'task' ? { project: projectNumber, task: number } : { project: number };
  return { kind, ...place, title, status, extract };
}
