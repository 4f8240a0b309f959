-- What is searched, broken into words when it is written: breaking a tenant's texts up for every question would
-- cost seconds. The number is a word of the text, because people ask for "project 1041".
--
-- 'english' drops the words of which a question is full (what, is, the) and knows that "offers" is "offer". Words
-- of other languages it leaves nearly as they are. 'simple' would find every text with a "the" in it.
--
-- No GIN index: @@ is not leakproof, so that under row-level security PostgreSQL never searches an index by it,
-- not even one that starts with the tenant. The tenant's rows are found by their key, and filtered:
-- docs/adr/0010-search-filters-the-tenants-rows.md has the figures.
ALTER TABLE projects ADD COLUMN search tsvector GENERATED ALWAYS AS (
  setweight(to_tsvector('english', number::text || ' ' || name), 'A') || setweight(to_tsvector('english', description), 'B')
) STORED;

ALTER TABLE tasks ADD COLUMN search tsvector GENERATED ALWAYS AS (
  setweight(to_tsvector('english', number::text || ' ' || title), 'A')
) STORED;
