-- Two open absences of one person never share a day. There is no btree_gist for an
-- exclusion constraint; a lock on the person's plans lets two writers stand one behind
-- the other, so that the second one sees the first one's row. It is not the person's
-- own row: acts on items lock that after the item, absences before their items.

CREATE FUNCTION absence_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.closed_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('plans', NEW.user_id));
    IF EXISTS (
        SELECT 1 FROM worklists_absence a
         WHERE a.user_id = NEW.user_id AND a.id <> NEW.id AND a.closed_at IS NULL
           AND a.starts_on <= NEW.ends_on AND a.ends_on >= NEW.starts_on
    ) THEN
        RAISE EXCEPTION 'absence % shares a day with another of the same person', NEW.id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'absence_alone';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER absence_alone
    AFTER INSERT OR UPDATE OF user_id, starts_on, ends_on, closed_at
    ON worklists_absence
    FOR EACH ROW EXECUTE FUNCTION absence_alone();
