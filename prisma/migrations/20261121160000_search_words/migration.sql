-- Which row of a tenant has which word. Under row-level security a condition searches an index only if its operator is
-- leakproof: @@ is not, and = on text is. docs/adr/0016-search-finds-words-by-equality.md has the figures.

-- CreateTable
CREATE TABLE "search_words" (
    "tenant_id" UUID NOT NULL DEFAULT app_private.current_tenant(),
    "word" TEXT NOT NULL,
    "weight" SMALLINT NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,

    CONSTRAINT "search_words_pkey" PRIMARY KEY ("tenant_id","word","weight","number","kind")
);

-- Words that begin alike stand side by side in "C", whatever locale the server was made with.
ALTER TABLE search_words ALTER COLUMN word TYPE text COLLATE "C";

-- The words of a text, each once, with its weight: 5 in the title, 2 in the description, as ts_rank has 1.0 and 0.4. The
-- number is a word of the title, because people ask for "project 1041". 'english' drops the words of which a question
-- is full (what, is, the) and knows that "offers" is "offer". Words of other languages it leaves nearly as they are.
CREATE FUNCTION app_private.words_of(number integer, title text, description text)
RETURNS TABLE (word text, weight smallint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 50
AS $$
  SELECT lexeme, CASE weights[1] WHEN 'A' THEN 5 ELSE 2 END::smallint
    FROM pg_catalog.unnest(
           pg_catalog.setweight(pg_catalog.to_tsvector('pg_catalog.english', number || ' ' || title), 'A')
           || pg_catalog.setweight(pg_catalog.to_tsvector('pg_catalog.english', description), 'B'))
$$;

CREATE FUNCTION app_private.add_words(of_tenant uuid, of_kind text, of_number integer, title text, description text)
RETURNS void LANGUAGE sql VOLATILE SECURITY INVOKER
AS $$
  INSERT INTO public.search_words (tenant_id, kind, number, word, weight)
  SELECT of_tenant, of_kind, of_number, word, weight FROM app_private.words_of(of_number, title, description)
$$;

-- Found by the words of the text as it was: an index by row, which would find them too, would double the table.
CREATE FUNCTION app_private.remove_words(of_tenant uuid, of_kind text, of_number integer, title text, description text)
RETURNS void LANGUAGE sql VOLATILE SECURITY INVOKER
AS $$
  DELETE FROM public.search_words
   WHERE tenant_id = of_tenant AND kind = of_kind AND number = of_number AND weight IN (2, 5)
     AND word = ANY (ARRAY(SELECT word FROM app_private.words_of(of_number, title, description)))
$$;

CREATE FUNCTION app_private.index_project() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM app_private.remove_words(OLD.tenant_id, 'project', OLD.number, OLD.name, OLD.description);
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  PERFORM app_private.add_words(NEW.tenant_id, 'project', NEW.number, NEW.name, NEW.description);
  RETURN NEW;
END
$$;

CREATE FUNCTION app_private.index_task() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM app_private.remove_words(OLD.tenant_id, 'task', OLD.number, OLD.title, '');
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  PERFORM app_private.add_words(NEW.tenant_id, 'task', NEW.number, NEW.title, '');
  RETURN NEW;
END
$$;

-- Removals BEFORE, because an AFTER trigger of a cascade runs as the owner, whom the forced policies hold off; additions
-- AFTER, because a row that is proposed may yet not be added (ON CONFLICT).
CREATE TRIGGER index_words AFTER INSERT OR UPDATE OF tenant_id, number, name, description ON projects
  FOR EACH ROW EXECUTE FUNCTION app_private.index_project();
CREATE TRIGGER remove_words BEFORE DELETE ON projects
  FOR EACH ROW EXECUTE FUNCTION app_private.index_project();
CREATE TRIGGER index_words AFTER INSERT OR UPDATE OF tenant_id, number, title ON tasks
  FOR EACH ROW EXECUTE FUNCTION app_private.index_task();
CREATE TRIGGER remove_words BEFORE DELETE ON tasks
  FOR EACH ROW EXECUTE FUNCTION app_private.index_task();

-- The words of what there is. For as long as this transaction holds both tables locked, their owner may read them.
ALTER TABLE projects NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks    NO FORCE ROW LEVEL SECURITY;
INSERT INTO search_words (tenant_id, kind, number, word, weight)
SELECT tenant_id, 'project', number, word, weight FROM projects, app_private.words_of(number, name, description)
UNION ALL
SELECT tenant_id, 'task', number, word, weight FROM tasks, app_private.words_of(number, title, '');
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks    FORCE ROW LEVEL SECURITY;

ALTER TABLE projects DROP COLUMN search;
ALTER TABLE tasks    DROP COLUMN search;

ALTER TABLE search_words ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_rows ON search_words TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
CREATE POLICY tenant_guard ON search_words AS RESTRICTIVE TO app
  USING (tenant_id = (SELECT app_private.current_tenant()));
GRANT SELECT, INSERT, DELETE ON search_words TO app;
GRANT EXECUTE ON FUNCTION app_private.words_of(integer, text, text) TO app;
GRANT EXECUTE ON FUNCTION app_private.add_words(uuid, text, integer, text, text) TO app;
GRANT EXECUTE ON FUNCTION app_private.remove_words(uuid, text, integer, text, text) TO app;
