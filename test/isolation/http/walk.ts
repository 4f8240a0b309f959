import type { Page } from '../../../src/common/pagination.js';
import type { Client } from '../../support/client.js';

/** All pages of a list, first to last. */
export async function walk<Item>(client: Client, path: string, query: Record<string, string>): Promise<Page<Item>[]> {
  const pages: Page<Item>[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const search = new URLSearchParams({ ...query, ...(cursor === '' ? {} : { cursor }) });
    const { json } = await client.get(`${path}?${String(search)}`);
    const page = json as Page<Item>;
    pages.push(page);
    cursor = page.nextCursor;
  }
  return pages;
}
