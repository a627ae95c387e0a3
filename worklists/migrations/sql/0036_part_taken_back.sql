-- With the taking back stands how many items it put back; nothing else ever changes.
CREATE OR REPLACE FUNCTION bulk_act_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free CONSTANT text[] := ARRAY['undone_at', 'done', 'put_back'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL
       AND (NEW.undone_at IS NOT NULL
            OR NEW.done > OLD.done AND NEW.put_back IS NULL)
       AND to_jsonb(OLD) - free = to_jsonb(NEW) - free
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an act on many items is only ever taken back, % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
