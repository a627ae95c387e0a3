-- What an act on many items found is never rewritten: taking it back rests on it.
CREATE TRIGGER bulk_act_item_guard BEFORE UPDATE OR DELETE ON worklists_bulkactitem
    FOR EACH ROW EXECUTE FUNCTION append_only_guard();
ALTER TABLE worklists_bulkactitem ENABLE ALWAYS TRIGGER bulk_act_item_guard;

-- The act itself changes when it is taken back, and counts what joins it until then.
CREATE FUNCTION bulk_act_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL
       AND (NEW.undone_at IS NOT NULL OR NEW.done > OLD.done)
       AND to_jsonb(OLD) - 'undone_at' - 'done' = to_jsonb(NEW) - 'undone_at' - 'done'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an act on many items is only ever taken back, % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER bulk_act_guard BEFORE UPDATE OR DELETE ON worklists_bulkact
    FOR EACH ROW EXECUTE FUNCTION bulk_act_guard();
ALTER TABLE worklists_bulkact ENABLE ALWAYS TRIGGER bulk_act_guard;
