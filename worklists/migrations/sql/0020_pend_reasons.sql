-- A code names a reason in items and in history: it stays, and so does its row.
CREATE FUNCTION pend_reason_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.code <> OLD.code THEN
        RAISE EXCEPTION 'a reason for deferring keeps its code and its row; retire it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pend_reason_guard BEFORE UPDATE OR DELETE ON worklists_pendreason
    FOR EACH ROW EXECUTE FUNCTION pend_reason_guard();
-- What the product begins with: the codes that items deferred before name.
INSERT INTO worklists_pendreason
       (code, label, waits_for, pauses_internal, longest_days, is_active)
VALUES ('provider', 'Waiting for the provider', 'provider', true, 90, true),
       ('records', 'Waiting for records', 'records', true, 90, true),
       ('payer', 'Waiting for the payer', 'payer', true, 90, true),
       ('other_team', 'Waiting for another team', 'team', true, 90, true),
       ('later', 'To be looked at later', 'nobody', true, 90, true);
