-- Made once, by the first who appends and may make a schema; or run this file yourself, and give writers this, no more:
--   GRANT USAGE ON SCHEMA standfast TO writer;
--   GRANT SELECT, INSERT ON standfast.evidence TO writer;
--   GRANT SELECT ON standfast.newest TO writer;
CREATE SCHEMA standfast;

CREATE TABLE standfast.evidence (
  ledger text NOT NULL,
  number bigint NOT NULL,
  what text NOT NULL,
  subject text NOT NULL,
  verdict text NOT NULL,
  measure text NOT NULL,
  value text NOT NULL,
  world text NOT NULL,
  at text NOT NULL,
  who text NOT NULL,
  source text NOT NULL,
  note text NOT NULL,
  details text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (ledger, number)
);

-- The end of each ledger, moved by its records alone.
CREATE TABLE standfast.newest (ledger text PRIMARY KEY, number bigint NOT NULL, hash text NOT NULL);

CREATE FUNCTION standfast.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS
$$ BEGIN RAISE EXCEPTION 'append only'; END $$;

CREATE FUNCTION standfast.follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
$$
DECLARE last standfast.newest;
BEGIN
  SELECT * INTO last FROM standfast.newest WHERE ledger = NEW.ledger FOR UPDATE;
  IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.previous <> coalesce(last.hash, repeat('0', 64)) THEN
    RAISE EXCEPTION 'it does not follow the newest record';
  END IF;
  INSERT INTO standfast.newest VALUES (NEW.ledger, NEW.number, NEW.hash)
    ON CONFLICT (ledger) DO UPDATE SET number = EXCLUDED.number, hash = EXCLUDED.hash;
  RETURN NEW;
END $$;

CREATE TRIGGER follow BEFORE INSERT ON standfast.evidence
  FOR EACH ROW EXECUTE FUNCTION standfast.follow();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON standfast.evidence
  FOR EACH STATEMENT EXECUTE FUNCTION standfast.refuse();
CREATE TRIGGER moved_by_records BEFORE INSERT OR UPDATE OR DELETE ON standfast.newest
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION standfast.refuse();
CREATE TRIGGER append_only BEFORE TRUNCATE ON standfast.newest
  FOR EACH STATEMENT EXECUTE FUNCTION standfast.refuse();
