-- The guard as it was before, which knows no column of how many were put back.
CREATE OR REPLACE FUNCTION bulk_act_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
