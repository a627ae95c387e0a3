-- Who had an account in hand is moved forward alone: four eyes rest on it.
CREATE FUNCTION set_up_by_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.at < OLD.at
       OR (to_jsonb(NEW) - 'at') IS DISTINCT FROM (to_jsonb(OLD) - 'at') THEN
        RAISE EXCEPTION 'who had an account in hand is only moved forward, % is refused',
            TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER set_up_by_guard BEFORE UPDATE ON worklists_setupby
    FOR EACH ROW EXECUTE FUNCTION set_up_by_guard();
ALTER TABLE worklists_setupby ENABLE ALWAYS TRIGGER set_up_by_guard;
